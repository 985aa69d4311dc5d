import type { DocumentNode } from 'graphql'

/**
 * Parsed documents by their text, least recently used first out. It is bounded by characters and not by entries: a
 * thousand documents of the largest size would fill the memory.
 */
export class DocumentCache<Document = DocumentNode> {
  readonly #documents = new Map<string, Document>()
  #characters = 0

  constructor(readonly capacity = 1_000_000) {}

  get(text: string): Document | undefined {
    const document = this.#documents.get(text)
    if (document) {
      this.#documents.delete(text)
      this.#documents.set(text, document)
    }
    return document
  }

  set(text: string, document: Document): void {
    if (text.length > this.capacity / 20 || this.#documents.has(text)) return
    this.#documents.set(text, document)
    this.#characters += text.length
    for (const oldest of this.#documents.keys()) {
      if (this.#characters <= this.capacity) return
      this.#documents.delete(oldest)
      this.#characters -= oldest.length
    }
  }
}

/** Wrong documents are parsed anew each time: there is no end to them. */
export const nothingCached = { get: () => undefined, set: () => undefined }
