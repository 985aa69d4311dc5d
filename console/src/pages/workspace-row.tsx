import type { WorkspaceFieldsFragment } from '@atrium/client'
import type { ReactNode } from 'react'
import { Link } from 'react-router-dom'
import { dateOf, LEVELS } from '../lib/words.ts'
import { Badge } from '../ui/states.tsx'

interface RowProps {
  workspace: WorkspaceFieldsFragment
  showOrganization?: boolean
  /** In front of it. */
  check?: ReactNode
  actions?: ReactNode
}

/** One workspace of a list; a deleted one is no link. */
export function WorkspaceRow({ workspace, showOrganization, check, actions }: RowProps) {
  const { name, key, organization, labels, mlEnabled, viewerAccess, viewerRole } = workspace
  const { deletedAt, purgeAt, updatedAt } = workspace
  const where = showOrganization ? `${organization.name} · ${key}` : key
  const main = (
    <>
      <span className="tile" aria-hidden="true">
        {name.trim().charAt(0).toUpperCase()}
      </span>
      <span className="row-main">
        <span className="row-title">{name}</span>
        <span className="hint">
          {where} ·{' '}
          {deletedAt
            ? `deleted ${dateOf(deletedAt)}, kept until ${purgeAt ? dateOf(purgeAt) : 'it is purged'}`
            : `changed ${dateOf(updatedAt)}`}
        </span>
      </span>
      <span className="row-badges">
        {mlEnabled && <Badge tone="good">Machine learning</Badge>}
        {labels.slice(0, 3).map((label) => (
          <Badge key={label}>{label}</Badge>
        ))}
        {labels.length > 3 && <Badge>+{labels.length - 3}</Badge>}
        {deletedAt ? (
          <Badge tone="bad">Deleted</Badge>
        ) : (
          viewerAccess && <Badge tone="accent">{viewerRole?.name ?? LEVELS[viewerAccess]}</Badge>
        )}
      </span>
    </>
  )
  return (
    <div className="row-line">
      {check}
      {deletedAt ? (
        <div className="row">{main}</div>
      ) : (
        <Link className="row" to={`/organizations/${organization.slug}/workspaces/${key}`}>
          {main}
        </Link>
      )}
      {actions}
    </div>
  )
}
