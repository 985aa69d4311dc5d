import type { FormEvent, ReactNode } from 'react'
import { Dialog, Form, Heading, Modal, ModalOverlay } from 'react-aria-components'
import { Button } from './controls.tsx'
import { useOpenIssues } from './form.tsx'
import { Refused } from './states.tsx'

interface AskProps {
  title: string
  isOpen: boolean
  onClose(): void
  /** Sends the form; the dialog stays open until its owner closes it. */
  onSubmit(fields: FormData): void
  submit: string
  isDangerous?: boolean
  busy?: boolean
  issues?: Record<string, string>
  message?: string | null
  wide?: boolean
  /** Nothing is sent from here: only a way out is shown. */
  isDone?: boolean
  children?: ReactNode
}

const NONE = {}

/** A form in a dialog. */
export function Ask(props: AskProps) {
  const { title, isOpen, onClose, children, wide, isDangerous } = props
  const open = useOpenIssues(props.issues ?? NONE)
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    props.onSubmit(new FormData(event.currentTarget))
  }
  return (
    <ModalOverlay
      className="overlay"
      isOpen={isOpen}
      isDismissable={!props.busy}
      onOpenChange={(open) => !open && onClose()}
    >
      <Modal className={wide ? 'modal wide' : 'modal'}>
        <Dialog className="dialog" role={isDangerous ? 'alertdialog' : 'dialog'}>
          <Heading slot="title" level={2}>
            {title}
          </Heading>
          <Form className="form" onSubmit={submit} {...open.handlers} validationErrors={open.issues}>
            {children}
            <Refused message={props.message ?? null} />
            <div className="actions">
              <Button kind="quiet" onPress={onClose}>
                {props.isDone ? 'Close' : 'Cancel'}
              </Button>
              {!props.isDone && (
                <Button
                  type="submit"
                  kind={isDangerous ? 'danger' : 'primary'}
                  isPending={props.busy ?? false}
                >
                  {props.submit}
                </Button>
              )}
            </div>
          </Form>
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}
