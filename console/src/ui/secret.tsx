import { useState } from 'react'
import { Button } from './controls.tsx'

/** Something that is shown this once. */
export function Secret({ label, value }: { label: string; value: string }) {
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(value)
    setCopied(true)
  }
  return (
    <div>
      <p>
        <strong>{label}</strong> is shown this once. Keep it where only its user reads it.
      </p>
      <div className="secret">
        <code>{value}</code>
        <Button small onPress={() => void copy()}>
          {copied ? 'Copied' : 'Copy'}
        </Button>
      </div>
    </div>
  )
}
