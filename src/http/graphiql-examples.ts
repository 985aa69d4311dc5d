/** Stands in GraphiQL's headers editor until somebody puts a token there; the server treats it as no token. */
export const TOKEN_PLACEHOLDER = '<token>'

/** One tab of GraphiQL: a ready operation. */
export interface Example {
  title: string
  query: string
  variables?: Record<string, unknown>
}

/** The ready operations, in the order in which a newcomer would run them. A test validates each against the schema. */
export const EXAMPLES: Example[] = [
  {
    title: 'Sign up',
    query: `# 1. Sign up: a user, an organization, a first workspace
# and a token. A cookie signs this page in; to act as
# somebody else, put their token into "Headers" below.
mutation SignUp($input: SignUpInput!) {
  signUp(input: $input) {
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
    variables: {
      input: {
        email: 'ada@example.com',
        password: 'correct horse battery staple',
        fullName: 'Ada Lovelace',
        organizationName: 'Analytical Engines',
      },
    },
  },
  {
    title: 'Who am I',
    query: `# 2. Who am I, and where? Null when you are not signed in.
query WhoAmI {
  viewer {
    user { id email fullName emailVerified }
    organizations(first: 10) { nodes { id name slug viewerPermissions } }
    workspaces(first: 10) { nodes { id key name viewerAccess viewerRole { key } } }
  }
}
`,
  },
  {
    title: 'Create a workspace',
    query: `# 3. A workspace in your organization. Put the id that
# "Who am I" gave you into "Variables" below.
mutation CreateWorkspace($input: CreateWorkspaceInput!) {
  createWorkspace(input: $input) {
    __typename
    ... on CreateWorkspacePayload {
      workspace { id key name viewerAccess }
    }
    ... on Error { message }
  }
}
`,
    variables: { input: { organizationId: '<organization id>', key: 'apollo', name: 'Apollo' } },
  },
  {
    title: 'Invite a colleague',
    query: `# 4. Invite somebody to the workspace. Without SMTP_URL
# the mail with the link is a file in .data/mail.
mutation CreateInvites($input: CreateInvitesInput!) {
  createInvites(input: $input) {
    __typename
    ... on CreateInvitesPayload {
      results { email outcome invite { id status expiresAt } }
    }
    ... on Error { message }
  }
}
`,
    variables: {
      input: { scopeId: '<workspace id>', invites: [{ email: 'grace@example.com', role: 'READ' }] },
    },
  },
  {
    title: 'Accept an invite',
    query: `# 5. As the invited person (their token in "Headers"):
# accept with the token out of the mail's link.
mutation AcceptInvite($input: AcceptInviteInput!) {
  acceptInvite(input: $input) {
    __typename
    ... on AcceptInvitePayload {
      member { id role { key name } }
    }
    ... on Error { message }
  }
}
`,
    variables: { input: { token: '<token out of the mail>' } },
  },
  {
    title: 'List members',
    query: `# 6. Who is in a workspace, in pages of 20.
query Members($workspaceId: ID!, $after: String) {
  workspace(id: $workspaceId) {
    name
    viewerAccess
    members(first: 20, after: $after) {
      totalCount
      nodes { id role { key } user { fullName email } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
`,
    variables: { workspaceId: '<workspace id>' },
  },
  {
    title: 'A refusal',
    query: `# 7. What a refusal looks like. Somebody with READ gets
# FORBIDDEN in errors[], a stranger NOT_FOUND. A refusal
# of the business is data: see KeyTaken.
mutation UpdateWorkspace($input: UpdateWorkspaceInput!) {
  updateWorkspace(input: $input) {
    __typename
    ... on UpdateWorkspacePayload {
      workspace { id name }
    }
    ... on KeyTaken { message }
    ... on Error { message }
  }
}
`,
    variables: { input: { id: '<workspace id>', name: 'Apollo 11' } },
  },
]
