import type { Example } from './graphiql-examples.ts'

/** The end of the walk: deleting, tokens, many workspaces at once, and following what happens. */
export const MORE_EXAMPLES: Example[] = [
  {
    title: 'Delete and restore',
    query: `# 14. Deleted workspaces can be restored for a while, with
# restoreWorkspace and the same id.
mutation DeleteWorkspace {
  deleteWorkspace(input: { id: "<workspace id>" }) {
    __typename
    ... on DeleteWorkspacePayload {
      workspace { id deletedAt purgeAt }
    }
    ... on Error { message }
  }
}
`,
  },
  {
    title: 'A token for a program',
    query: `# 15. A token for a program, shown this once.
mutation CreateAccessToken {
  createAccessToken(
    input: {
      name: "Nightly import"
      scopes: [WORKSPACE_READ, RESOURCE_WRITE]
    }
  ) {
    __typename
    ... on CreateAccessTokenPayload {
      secret
      accessToken { id prefix scopes }
    }
    ... on Error { message }
  }
}
`,
  },
  {
    title: 'Clone a workspace',
    query: `# 16. What a clone would have; without validateOnly it is
# made.
mutation CloneWorkspace {
  cloneWorkspace(
    input: {
      workspaceId: "<workspace id>"
      name: "Apollo 2"
      include: { extensions: true, members: true }
      validateOnly: true
    }
  ) {
    __typename
    ... on CloneWorkspacePayload {
      plan { key name members extensions }
      workspace { id }
    }
    ... on Error { message }
  }
}
`,
  },
  {
    title: 'Provision workspaces',
    query: `# 17. Many workspaces at once: the plan first. Give its id
# back as planId, without validateOnly, to carry it out.
mutation ProvisionWorkspaces {
  provisionWorkspaces(
    input: {
      organizationId: "<organization id>"
      validateOnly: true
      workspaces: [
        { key: "apollo", labels: ["moon"] }
        { key: "gemini", name: "Gemini" }
      ]
    }
  ) {
    __typename
    ... on ProvisionWorkspacesPayload {
      operation {
        id
        plan { create update unchanged refused }
        items(first: 10) {
          nodes { key action error { message } }
        }
      }
    }
    ... on Error { message }
  }
}
`,
  },
  {
    title: 'Follow what happens',
    query: `# 18. Each event as it is committed, until you stop it.
# Change something in another window meanwhile.
subscription OrganizationEvents {
  organizationEvents(organizationId: "<organization id>") {
    type
    createdAt
    actor { fullName }
    subject { type id }
    changes
    cursor
  }
}
`,
  },
]
