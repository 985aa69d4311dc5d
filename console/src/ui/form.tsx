import type { FormEvent, ReactNode } from 'react'
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
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    onSubmit(new FormData(event.currentTarget))
  }
  return (
    <Form className="form" onSubmit={send} validationErrors={action.issues}>
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
