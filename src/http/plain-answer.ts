/** An answer whose body is a text and whose headers are few: cheaper than a Response, which fetch makes for streams. */
export class PlainAnswer {
  constructor(
    readonly status: number,
    readonly contentType: string,
    readonly body: string,
  ) {}
}

/** What a handler gives: most give a Response. */
export type Answer = Response | PlainAnswer
