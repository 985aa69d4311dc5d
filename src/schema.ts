import type { GraphQLSchema } from 'graphql'
import { guardSchema } from './access/guard.ts'
import './graphql/scalars.ts'
import './graphql/errors.ts'
import './domains/role/index.ts'
import './domains/member/index.ts'
import './domains/workspace/index.ts'
import './domains/resource/index.ts'
import './domains/organization/index.ts'
import './domains/invite/index.ts'
import './domains/identity/index.ts'
import './domains/admin/index.ts'
import './domains/credential/index.ts'
import './domains/user/index.ts'
import { builder } from './graphql/builder.ts'

/** The whole schema, with the gate of every root field in front of it. */
export const schema: GraphQLSchema = guardSchema(builder.toSchema({}))
