import { OrganizationRolesDocument, type Permission, type RoleFieldsFragment } from '@atrium/client'
import { useState } from 'react'
import { useEndless } from '../lib/endless.ts'
import { may, whyNot } from '../lib/permissions.ts'
import { ALL_PERMISSIONS, isOrganizational, LEVELS, PERMISSIONS, plural } from '../lib/words.ts'
import { Button } from '../ui/controls.tsx'
import { Section } from '../ui/page.tsx'
import { SideScroll } from '../ui/side-scroll.tsx'
import { Failure, Loading, Why } from '../ui/states.tsx'
import { useOrganization } from './organization.tsx'
import { DeleteRole, EditRole } from './role-dialogs.tsx'

const RANK = { READ: 1, WRITE: 2, ADMIN: 3, OWNER: 4 }

/** What every role of the organization may do, side by side. */
export function RolesPage() {
  const organization = useOrganization()
  const [edited, setEdited] = useState<RoleFieldsFragment | 'new' | null>(null)
  const [deleted, setDeleted] = useState<RoleFieldsFragment | null>(null)
  const list = useEndless(
    OrganizationRolesDocument,
    { id: organization.id, first: 200 },
    (data) => data.organization?.roles,
  )
  const mayManage = may(organization, 'ORGANIZATION_ROLES')
  if (list.problem) return <Failure problem={list.problem} retry={list.reload} />
  if (list.loading) return <Loading />
  const custom = list.rows.filter(({ builtIn }) => !builtIn)
  return (
    <>
      <Section
        title="Own roles"
        about="Roles that this organization has made, beside those that every organization has."
        actions={
          mayManage && (
            <Button kind="primary" onPress={() => setEdited('new')}>
              New role
            </Button>
          )
        }
      >
        {!mayManage && <Why>{whyNot(organization, 'ORGANIZATION_ROLES')}</Why>}
        {custom.length === 0 ? (
          <p className="hint">None yet: the built-in ones below are enough for most.</p>
        ) : (
          <ul className="rows" aria-label="Own roles">
            {custom.map((role) => (
              <li className="row-line" key={role.id}>
                <div className="row">
                  <span className="row-main">
                    <span className="row-title">{role.name}</span>
                    <span className="hint">
                      {role.key} · {role.scope === 'WORKSPACE' ? 'on workspaces' : 'in the organization'} ·{' '}
                      {plural(role.memberCount, 'holder')}
                      {role.description && ` · ${role.description}`}
                    </span>
                  </span>
                </div>
                {mayManage && (
                  <div className="row-actions">
                    <Button small aria-label={`Edit ${role.name}`} onPress={() => setEdited(role)}>
                      Edit
                    </Button>
                    <Button
                      small
                      kind="quiet"
                      aria-label={`Delete ${role.name}`}
                      onPress={() => setDeleted(role)}
                    >
                      Delete
                    </Button>
                  </div>
                )}
              </li>
            ))}
          </ul>
        )}
      </Section>
      <Matrix title="Roles on a workspace" roles={rolesOf(list.rows, 'WORKSPACE')} />
      <Matrix title="Roles in the organization" roles={rolesOf(list.rows, 'ORGANIZATION')} />
      {edited && (
        <EditRole
          organizationId={organization.id}
          role={edited === 'new' ? null : edited}
          onClose={() => setEdited(null)}
        />
      )}
      {deleted && <DeleteRole role={deleted} roles={list.rows} onClose={() => setDeleted(null)} />}
    </>
  )
}

const rolesOf = (roles: readonly RoleFieldsFragment[], scope: RoleFieldsFragment['scope']) =>
  roles.filter((role) => role.scope === scope).sort((one, other) => rankOf(one) - rankOf(other))

const rankOf = ({ level, permissions }: RoleFieldsFragment) =>
  (level ? RANK[level] : 0) * 100 + permissions.length

interface MatrixProps {
  title: string
  roles: readonly RoleFieldsFragment[]
}

function Matrix({ title, roles }: MatrixProps) {
  const rows = (inOrganization: boolean) =>
    ALL_PERMISSIONS.filter(
      (permission) =>
        isOrganizational(permission) === inOrganization &&
        roles.some(({ permissions }) => permissions.includes(permission)),
    )
  return (
    <Section title={title}>
      <SideScroll label={`${title}: table`}>
        <table className="matrix">
          <thead>
            <tr>
              <th scope="col">May</th>
              {roles.map(({ id, name, level }) => (
                <th scope="col" key={id}>
                  {name}
                  <span className="hint">{level ? LEVELS[level] : 'No workspace'}</span>
                </th>
              ))}
            </tr>
          </thead>
          <Group title="On workspaces" permissions={rows(false)} roles={roles} />
          <Group title="In the organization" permissions={rows(true)} roles={roles} />
        </table>
      </SideScroll>
    </Section>
  )
}

interface GroupProps {
  title: string
  permissions: readonly Permission[]
  roles: readonly RoleFieldsFragment[]
}

function Group({ title, permissions, roles }: GroupProps) {
  if (permissions.length === 0) return null
  return (
    <tbody>
      <tr className="group">
        <th scope="rowgroup" colSpan={roles.length + 1}>
          {title}
        </th>
      </tr>
      {permissions.map((permission) => (
        <tr key={permission}>
          <th scope="row">{PERMISSIONS[permission]}</th>
          {roles.map((role) => {
            const has = role.permissions.includes(permission)
            return (
              <td key={role.id}>
                <span className={has ? 'yes' : 'no'} role="img" aria-label={has ? 'Yes' : 'No'}>
                  {has ? '✓' : '–'}
                </span>
              </td>
            )
          })}
        </tr>
      ))}
    </tbody>
  )
}
