import { createHash } from 'node:crypto'
import { escapeHtml } from '../../platform/mailer.ts'

/** HTML that is safe to put into a page. {@link html} makes it; plain text has to go through it. */
export class Html {
  constructor(readonly source: string) {}
}

type Part = string | Html | readonly Html[]

/** A template for HTML: whatever is put in is escaped, unless it is HTML made the same way. */
export function html(texts: TemplateStringsArray, ...parts: Part[]): Html {
  const render = (part: Part): string => {
    if (typeof part === 'string') return escapeHtml(part)
    return part instanceof Html ? part.source : part.map(render).join('')
  }
  return new Html(texts.reduce((whole, text, index) => whole + render(parts[index - 1] ?? '') + text))
}

const STYLE = `
:root { color-scheme: light dark; --paper: #f4f5f7; --card: #fff; --ink: #1b1f24; --soft: #5b6470; --line: #c9ced6;
  --accent: #1f4fd8; --on-accent: #fff; --good: #17693a; --bad: #b3261e }
@media (prefers-color-scheme: dark) { :root { --paper: #14171c; --card: #1e2229; --ink: #eceff3; --soft: #a3acb8;
  --line: #434b57; --accent: #8fb0ff; --on-accent: #10182c; --good: #7fd6a0; --bad: #ff9d94 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; min-height: 100dvh; padding: 24px 16px; display: grid; place-items: center;
  background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', sans-serif }
main { width: 100%; max-width: 27rem; padding: 32px; background: var(--card); border-radius: 16px;
  box-shadow: 0 1px 3px rgb(0 0 0 / .12), 0 8px 32px rgb(0 0 0 / .08); overflow-wrap: break-word }
@media (max-width: 26rem) { main { padding: 24px 20px } }
.brand { margin: 0 0 20px; color: var(--soft); font-weight: 600; letter-spacing: .04em }
h2 { margin: 28px 0 12px; font-size: 1.05rem }
h1 { margin: 0 0 12px; font-size: 1.5rem; line-height: 1.25 }
h1.good::before { content: '✓ ' / ''; color: var(--good) }
h1.bad { color: var(--bad) }
p { margin: 0 0 16px }
.soft { color: var(--soft); font-size: .9rem }
label { display: block; margin: 0 0 16px; font-weight: 600 }
input { display: block; width: 100%; margin-top: 6px; padding: 11px 12px; font: inherit; color: inherit;
  background: transparent; border: 1px solid var(--line); border-radius: 8px }
button { width: 100%; padding: 12px 16px; font: inherit; font-weight: 600; color: var(--on-accent);
  background: var(--accent); border: 0; border-radius: 8px; cursor: pointer }
input:focus-visible, button:focus-visible, a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
a { color: var(--accent) }
.issue { display: block; margin-top: 6px; color: var(--bad); font-weight: 400; font-size: .9rem }
`

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  // The address of these pages holds a token, which no other site may see; their forms have to tell where they come from.
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
}

interface Page {
  /** Heading, and title of the window. */
  title: string
  body: Html
  /** How the heading looks: something went well, or something is wrong. */
  mood?: 'good' | 'bad'
  status?: number
}

/** A small page that needs no script and loads nothing. */
export function page({ title, body, mood, status = 200 }: Page): Response {
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · Atrium</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<main>
<p class="brand">Atrium</p>
<h1${mood ? html` class="${mood}"` : ''}>${title}</h1>
${body}
</main>
</body>
</html>
`
  return new Response(document.source, { status, headers: HEADERS })
}

interface Field {
  name: string
  label: string
  type: 'text' | 'email' | 'password'
  autocomplete: string
  /** What is wrong with what was entered before. */
  issue?: string | undefined
  minLength?: number
  maxLength?: number
}

interface Form {
  /** The page that takes the form, without a leading slash, so that it works below any path. */
  action: string
  /** Sent along unseen, such as the token. */
  hidden?: Record<string, string>
  fields?: readonly Field[]
  button: string
}

/** A form that is sent with POST. */
export function form({ action, hidden = {}, fields = [], button }: Form): Html {
  return html`<form method="post" action="${action}">
${Object.entries(hidden).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
${fields.map(field)}
<button type="submit">${button}</button>
</form>`
}

function field({ name, label, type, autocomplete, issue, minLength, maxLength }: Field): Html {
  const limits = html`${minLength ? html` minlength="${String(minLength)}"` : ''}${maxLength ? html` maxlength="${String(maxLength)}"` : ''}`
  const described = issue ? html` aria-invalid="true" aria-describedby="${name}-issue"` : ''
  return html`<label>${label}<input name="${name}" type="${type}" autocomplete="${autocomplete}" required${limits}${described}>
${issue ? html`<span class="issue" id="${name}-issue">${issue}</span>` : ''}</label>`
}
