import { useResendVerificationEmailMutation, useSignOutMutation } from '@atrium/client'
import { type ReactNode, useState } from 'react'
import {
  Button as AriaButton,
  Header,
  Menu,
  MenuItem,
  MenuSection,
  MenuTrigger,
  Popover,
} from 'react-aria-components'
import { Link, NavLink, useNavigate } from 'react-router-dom'
import { useAction } from './lib/action.ts'
import { useSession, useUser } from './lib/session.tsx'
import { applyTheme, chosenTheme, THEMES } from './lib/theme.ts'
import { Button } from './ui/controls.tsx'
import { Page } from './ui/page.tsx'
import { Avatar, initialsOf, Refused } from './ui/states.tsx'

/** What is around every page of somebody who is signed in. */
export function Shell({ children }: { children: ReactNode }) {
  const user = useUser()
  return (
    <div className="shell">
      <Button kind="primary" isSkip onPress={() => document.getElementById('main')?.focus()}>
        Skip to the content
      </Button>
      <header className="bar">
        <Link className="brand" to="/">
          <span className="mark" aria-hidden="true" />
          Atrium
        </Link>
        <nav className="bar-nav" aria-label="Main">
          <NavLink to="/" end>
            Home
          </NavLink>
          {user.platformRole === 'ADMIN' && <NavLink to="/admin">Platform</NavLink>}
          <a href={new URL('../graphql', document.baseURI).href}>GraphiQL</a>
        </nav>
        <UserMenu />
      </header>
      {user.emailVerified ? children : <Unverified />}
    </div>
  )
}

const THEME_NAMES = { system: 'As the system', light: 'Light', dark: 'Dark' } as const

function UserMenu() {
  const user = useUser()
  const [theme, setTheme] = useState(chosenTheme)
  const leave = useSignOut()
  const navigate = useNavigate()
  const act = (key: string) => {
    if (key === 'account') void navigate('/account')
    if (key === 'sign-out') void leave()
  }
  const choose = (keys: 'all' | Iterable<string | number>) => {
    const chosen = THEMES.find((one) => keys !== 'all' && [...keys].includes(one))
    if (!chosen) return
    applyTheme(chosen)
    setTheme(chosen)
  }
  return (
    <MenuTrigger>
      <AriaButton
        className="user-button"
        aria-label={`${initialsOf(user.fullName)}, ${user.fullName}: account and appearance`}
      >
        <Avatar name={user.fullName} />
      </AriaButton>
      <Popover className="popover" placement="bottom end">
        <div className="user-card">
          <strong>{user.fullName}</strong>
          <span className="hint">{user.email}</span>
        </div>
        <Menu className="options" aria-label="Account and appearance" onAction={(key) => act(String(key))}>
          <MenuItem id="account" className="option">
            Account, tokens and sessions
          </MenuItem>
          <MenuSection
            className="menu-section"
            selectionMode="single"
            disallowEmptySelection
            selectedKeys={[theme]}
            onSelectionChange={choose}
          >
            <Header className="hint">Appearance</Header>
            {THEMES.map((one) => (
              <MenuItem key={one} id={one} className="option checked" textValue={THEME_NAMES[one]}>
                {THEME_NAMES[one]}
              </MenuItem>
            ))}
          </MenuSection>
          <MenuItem id="sign-out" className="option">
            Sign out
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  )
}

function useSignOut() {
  const [, signOut] = useSignOutMutation()
  const { restart } = useSession()
  const navigate = useNavigate()
  return async () => {
    await signOut({})
    restart()
    await navigate('/sign-in')
  }
}

/** Nothing else is open to somebody whose address is not confirmed. */
function Unverified() {
  const user = useUser()
  const action = useAction(useResendVerificationEmailMutation())
  const { restart } = useSession()
  const leave = useSignOut()
  const [sent, setSent] = useState(false)
  const resend = async () => {
    const { payload } = await action.run({ input: {} })
    setSent(payload !== null)
  }
  return (
    <Page title="Confirm your address">
      <div className="state">
        <p>
          A mail is on its way to <strong>{user.email}</strong>. Open the link in it, then come back.
        </p>
        <div className="actions start">
          <Button kind="primary" onPress={restart}>
            I have opened it
          </Button>
          <Button isPending={action.busy} onPress={() => void resend()}>
            Send it again
          </Button>
          <Button kind="quiet" onPress={() => void leave()}>
            Sign out
          </Button>
        </div>
        <Refused message={action.message} />
        {sent && <p role="status">It was sent again.</p>}
      </div>
    </Page>
  )
}
