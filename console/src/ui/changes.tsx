import type { ChangeShown } from '../lib/changes.ts'

/** What was, and what is instead, field by field. */
export function Changes({ changes }: { changes: readonly ChangeShown[] }) {
  if (changes.length === 0) return null
  return (
    <dl className="changes">
      {changes.map((change) => (
        <div key={change.field}>
          <dt>{change.field}:</dt>
          <dd>
            <Changed change={change} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Changed({ change: { before, after } }: { change: ChangeShown }) {
  if (before === null) return after
  return (
    <>
      <del>{before}</del> {after === null ? 'taken away' : <>→ {after}</>}
    </>
  )
}
