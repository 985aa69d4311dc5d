// Prints the permission matrix to docs/permissions.md; with --check it fails instead when the file says something else.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { allPermissions, builtInRoles, permissionsOf } from '../src/access/permissions.ts'

const file = new URL('../docs/permissions.md', import.meta.url)

const columns = builtInRoles.map((role) => ({
  ...role,
  held: permissionsOf({ ...role, builtIn: true, permissions: [] }),
}))

const row = (cells: string[]) => `| ${cells.join(' | ')} |`

const roles = columns.map(({ scope, key, name, level, aliases, description }) =>
  row([name, scope.toLowerCase(), `\`${key}\``, level ?? '', aliases.join(', '), description]),
)

const permissions = allPermissions.map((permission) =>
  row([`\`${permission}\``, ...columns.map(({ held }) => (held.has(permission) ? '✔' : ''))]),
)

const printed = `# Roles and permissions

This page is printed from \`src/access/permissions.ts\` by \`npm run schema\`. Gates, \`viewerPermissions\` and the built-in roles
are made from the same matrix, and a test tries every role against every field.

Levels are ordered: READ, WRITE, ADMIN, OWNER. On a workspace the higher of two counts: the role that was given there, and
what the role in the organization gives on all of its workspaces. Nobody gives, changes or takes away a role above their
own. Every organization has at least one owner. A platform administrator may do everything.

## Roles

${row(['role', 'held on', 'key', 'level on workspaces', 'also called', 'what it is for'])}
${row(['---', '---', '---', '---', '---', '---'])}
${roles.join('\n')}

Inputs and filters take the key, the name or one of the other names, in any case.

## Permissions

${row(['permission', ...columns.map(({ name }) => name)])}
${row(['---', ...columns.map(() => ':-:')])}
${permissions.join('\n')}
`

if (!process.argv.includes('--check')) {
  mkdirSync(new URL('.', file), { recursive: true })
  writeFileSync(file, printed)
} else if (!existsSync(file) || readFileSync(file, 'utf8') !== printed) {
  process.stderr.write('docs/permissions.md is out of date: run "npm run schema" and commit it.\n')
  process.exitCode = 1
}
