import { MORE_EXAMPLES } from './graphiql-more-examples.ts'

/** Stands in GraphiQL's headers editor until somebody puts a token there; the server treats it as no token. */
export const TOKEN_PLACEHOLDER = '<token>'

/** One tab of GraphiQL: a ready operation. Its values stand in it, because GraphiQL drops the variables of first tabs. */
export interface Example {
  title: string
  query: string
}

/** The ready operations, in the order in which a newcomer would run them. A test validates each against the schema. */
export const EXAMPLES: Example[] = [
  {
    title: 'Sign in',
    query: `# 1. Sign in to the demo organization. A cookie keeps
# this page signed in, as does the console at /console;
# to act as somebody else, put their token into "Headers".
mutation SignIn {
  signIn(
    input: {
      email: "ada@demo.localhost"
      password: "atrium-demo"
    }
  ) {
    __typename
    ... on SignInPayload {
      user { id fullName emailVerified }
      token
    }
    ... on Error { message }
  }
}
`,
  },
  {
    title: 'Who am I',
    query: `# 2. Who am I, and where?
query WhoAmI {
  viewer {
    user { id email fullName emailVerified }
    organizations(first: 10) {
      nodes { id name slug viewerPermissions }
    }
    workspaces(first: 10) {
      nodes { id key name viewerAccess viewerRole { key } }
    }
  }
}
`,
  },
  {
    title: 'Create a workspace',
    query: `# 3. A workspace of your own. In several organizations,
# say in organizationId which one is meant.
mutation CreateWorkspace {
  createWorkspace(
    input: {
      key: "apollo"
      name: "Apollo"
    }
  ) {
    __typename
    ... on CreateWorkspacePayload {
      workspace { id key name viewerAccess }
    }
    ... on Error { message }
  }
}
`,
  },
  {
    title: 'Invite a colleague',
    query: `# 4. Invite somebody to the workspace. Without SMTP_URL
# the mail with the link is a file in .data/mail.
mutation CreateInvites {
  createInvites(
    input: {
      scopeId: "<workspace id>"
      invites: [{ email: "grace@example.com", role: "READ" }]
    }
  ) {
    __typename
    ... on CreateInvitesPayload {
      results { email outcome invite { id status expiresAt } }
    }
    ... on Error { message }
  }
}
`,
  },
  {
    title: 'Join by an invite',
    query: `# 5. As somebody new: an account by the token
# out of the mail's link. The answer has their session.
mutation SignUpByInvite {
  signUpByInvite(
    input: {
      token: "<token out of the mail>"
      password: "correct horse battery staple"
      fullName: "Mary Somerville"
    }
  ) {
    __typename
    ... on SignUpByInvitePayload {
      user { id email }
      scope { id name viewerAccess }
      token
    }
    ... on Error { message }
  }
}
`,
  },
  {
    title: 'Accept an invite',
    query: `# 5. As somebody who has an account (their token in
# "Headers"): accept with the token out of the mail's link.
mutation AcceptInvite {
  acceptInvite(input: { token: "<token out of the mail>" }) {
    __typename
    ... on AcceptInvitePayload {
      invite { id status }
      scope { id name viewerAccess viewerRole { key } }
    }
    ... on Error { message }
  }
}
`,
  },
  {
    title: 'List members',
    query: `# 6. Who is in a workspace, in pages of 20.
query Members {
  workspaceByKey(organizationSlug: "acme", key: "rhine") {
    id
    name
    viewerAccess
    members(first: 20) {
      totalCount
      nodes { id role { key } user { fullName email } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
`,
  },
  {
    title: 'A refusal',
    query: `# 7. What a refusal looks like. Somebody with READ gets
# FORBIDDEN in errors[], a stranger NOT_FOUND. A refusal
# of the business is data: see VersionConflict.
mutation UpdateWorkspace {
  updateWorkspace(
    input: { id: "<workspace id>", name: "Apollo 11" }
  ) {
    __typename
    ... on UpdateWorkspacePayload {
      workspace { id name }
    }
    ... on VersionConflict { message }
    ... on Error { message }
  }
}
`,
  },
  {
    title: 'Sign up',
    query: `# 8. Sign up: a person, an organization, a first workspace
# and a token, all at once.
mutation SignUp {
  signUp(
    input: {
      email: "alan@example.com"
      password: "correct horse battery staple"
      fullName: "Alan Turing"
      organizationName: "Bombe"
    }
  ) {
    __typename
    ... on SignUpPayload {
      user { id email emailVerified }
      organization { id slug }
      workspace { id key }
      token
    }
    ... on Error { message }
  }
}
`,
  },
  {
    title: 'Verify the address',
    query: `# 9. The link in the mail verifies the address, or its
# token does it here. Until then most calls answer
# ACCOUNT_NOT_VERIFIED.
mutation VerifyEmail {
  verifyEmail(input: { token: "<token out of the mail>" }) {
    __typename
    ... on VerifyEmailPayload {
      user { email emailVerified }
    }
    ... on Error { message }
  }
}
`,
  },
  {
    title: 'Find workspaces',
    query: `# 10. Lists are filtered, ordered and read in pages: give
# endCursor back as "after" for the next one.
query FindWorkspaces {
  viewer {
    workspaces(
      filter: "labels:survey OR title = \\"Apollo*\\""
      orderBy: "update_time desc"
      first: 5
    ) {
      totalCount
      nodes { id name key labels updatedAt }
      pageInfo { hasNextPage endCursor }
    }
  }
}
`,
  },
  {
    title: 'Change a role',
    query: `# 11. Give somebody another role; the last owner stays.
mutation SetMemberRole {
  setMemberRole(
    input: {
      scopeId: "<workspace id>"
      userId: "<user id>"
      role: "editor"
    }
  ) {
    __typename
    ... on SetMemberRolePayload {
      member { user { fullName } role { name } }
    }
    ... on Error { message }
  }
}
`,
  },
  {
    title: 'A role of your own',
    query: `# 12. A custom role: a level, and permissions within it.
mutation CreateRole {
  createRole(
    input: {
      organizationId: "<organization id>"
      scope: WORKSPACE
      name: "Surveyor"
      level: WRITE
      permissions: [RESOURCE_WRITE]
    }
  ) {
    __typename
    ... on CreateRolePayload { role { id key permissions } }
    ... on Error { message }
  }
}
`,
  },
  {
    title: 'Settings',
    query: `# 13. Settings: what counts, and where it comes from. A
# lock of the organization keeps workspaces from their own.
query Settings {
  workspaceByKey(organizationSlug: "acme", key: "rhine") {
    id
    settings {
      effective {
        permissions {
          whoMayInvite { value source locked }
          workspaceDeletion { value source locked }
        }
      }
    }
  }
}
`,
  },
  ...MORE_EXAMPLES,
]
