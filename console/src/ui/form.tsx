import { type FormEvent, type ReactNode, useMemo, useState } from 'react'
import { Form } from 'react-aria-components'
import type { Action } from '../lib/action.ts'
import { Button } from './controls.tsx'
import { Refused } from './states.tsx'

type Said = Pick<Action<unknown, never>, 'issues' | 'message' | 'busy'>

interface FormProps {
  action: Said
  submit: string
  onSubmit(fields: FormData): void
  children: ReactNode
  /** Beside the button. */
  extra?: ReactNode
}

/** A form on a page, with what the API says about its fields and about the whole. */
export function PageForm({ action, submit, onSubmit, children, extra }: FormProps) {
  const open = useOpenIssues(action.issues)
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    onSubmit(new FormData(event.currentTarget))
  }
  return (
    <Form className="form" onSubmit={send} {...open.handlers} validationErrors={open.issues}>
      {children}
      <Refused message={action.message} />
      <div className="actions start">
        <Button type="submit" kind="primary" isPending={action.busy}>
          {submit}
        </Button>
        {extra}
      </div>
    </Form>
  )
}

/** The text of a field, without spaces around it. */
export const textOf = (fields: FormData, name: string): string => {
  const value = fields.get(name)
  return typeof value === 'string' ? value.trim() : ''
}

/** The text of a field as it was typed: passwords may begin with a space. */
export const rawText = (fields: FormData, name: string): string => {
  const value = fields.get(name)
  return typeof value === 'string' ? value : ''
}

type Issues = Record<string, string>

/**
 * What is still wrong: what the API has said about a field goes away as soon as somebody types there. If it went away when
 * the field is left, a click on the button would move the button from under the pointer, and be lost.
 */
export function useOpenIssues(issues: Issues) {
  const [corrected, setCorrected] = useState<{ of: Issues; names: readonly string[] }>({
    of: issues,
    names: [],
  })
  const isCurrent = corrected.of === issues
  const open = useMemo(() => {
    const left = Object.entries(issues).filter(([name]) => !isCurrent || !corrected.names.includes(name))
    return Object.fromEntries(left)
  }, [issues, isCurrent, corrected])
  const onInput = ({ target }: FormEvent) => {
    const name = target instanceof HTMLElement ? (target.getAttribute('name') ?? '') : ''
    if (Object.hasOwn(open, name)) {
      setCorrected({ of: issues, names: isCurrent ? [...corrected.names, name] : [name] })
    }
  }
  return { issues: open, handlers: { onInput } }
}
