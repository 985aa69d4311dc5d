import { useState } from 'react'
import { Form } from 'react-aria-components'
import { useNavigate } from 'react-router-dom'
import { Button, Field } from './controls.tsx'

interface LookUpProps {
  /** What is typed: "Id of a workspace". */
  label: string
  /** Where what is found has its pages. */
  under: string
}

/** Opens the page of one thing that is named. */
export function LookUp({ label, under }: LookUpProps) {
  const [text, setText] = useState('')
  const navigate = useNavigate()
  const named = text.trim()
  return (
    <Form
      className="inline look-up"
      onSubmit={(event) => {
        event.preventDefault()
        if (named) void navigate(`${under}/${encodeURIComponent(named)}`)
      }}
    >
      <Field label={label} value={text} onChange={setText} />
      <Button type="submit" isDisabled={!named}>
        Look up
      </Button>
    </Form>
  )
}
