import type { ReactNode } from 'react'
import {
  Button as AriaButton,
  type ButtonProps as AriaButtonProps,
  Checkbox as AriaCheckbox,
  Switch as AriaSwitch,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  ProgressBar,
  SearchField,
  Select,
  SelectValue,
  Text,
  TextArea,
  TextField,
} from 'react-aria-components'

interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'children'> {
  children: ReactNode
  kind?: 'primary' | 'plain' | 'quiet' | 'danger'
  small?: boolean
  /** Seen only by those who come to it with the keyboard. */
  isSkip?: boolean
}

export function Button({ kind = 'plain', small, isSkip, children, ...props }: ButtonProps) {
  return (
    <AriaButton className={`button ${kind}${small ? ' small' : ''}${isSkip ? ' skip' : ''}`} {...props}>
      {props.isPending && <ProgressBar className="spinner" isIndeterminate aria-label="Working" />}
      {children}
    </AriaButton>
  )
}

interface FieldProps {
  label: string
  name?: string
  type?: 'text' | 'email' | 'password' | 'number' | 'datetime-local' | 'url'
  value?: string
  defaultValue?: string
  onChange?(value: string): void
  hint?: ReactNode
  isRequired?: boolean
  isDisabled?: boolean
  autoComplete?: string
  autoFocus?: boolean
  minLength?: number
  rows?: number
  /** What is written in it is for machines too: every character as wide as the next. */
  isCode?: boolean
  placeholder?: string
}

/** One line of text, or several with `rows`. What the API says about it appears below, through the form around it. */
export function Field({ label, hint, rows, isCode, placeholder, ...props }: FieldProps) {
  return (
    <TextField className={isCode ? 'field code' : 'field'} {...props}>
      <Label>{label}</Label>
      {rows ? <TextArea rows={rows} placeholder={placeholder} /> : <Input placeholder={placeholder} />}
      {hint && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <FieldError className="issue" />
    </TextField>
  )
}

export interface Option<Value extends string> {
  id: Value
  label: string
  about?: string | undefined
}

interface ChoiceProps<Value extends string> {
  label: string
  name?: string
  options: readonly Option<Value>[]
  value?: NoInfer<Value> | null
  defaultValue?: NoInfer<Value>
  onChange?(value: NoInfer<Value>): void
  hideLabel?: boolean
  isDisabled?: boolean
  hint?: ReactNode
  placeholder?: string
}

/** One of several. Without any, which is so until they are read, a press would do nothing: it is disabled. */
export function Choice<Value extends string>(props: ChoiceProps<Value>) {
  const { label, options, value, defaultValue, onChange, hideLabel, hint, placeholder, isDisabled, ...rest } =
    props
  const isControlled = value !== undefined
  return (
    <Select
      className="field choice"
      aria-label={hideLabel ? label : undefined}
      placeholder={placeholder ?? 'Choose'}
      isDisabled={isDisabled === true || options.length === 0}
      {...(isControlled ? { value } : { defaultValue: defaultValue ?? null })}
      onChange={(key) => {
        const chosen = options.find(({ id }) => id === key)
        if (chosen) onChange?.(chosen.id)
      }}
      {...rest}
    >
      {!hideLabel && <Label>{label}</Label>}
      <AriaButton className="choice-button">
        <SelectValue />
        <span className="chevron" aria-hidden="true" />
      </AriaButton>
      {hint && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <FieldError className="issue" />
      <Popover className="popover">
        <ListBox className="options">
          {options.map(({ id, label: text, about }) => (
            <ListBoxItem key={id} id={id} textValue={text} className="option">
              <Text slot="label">{text}</Text>
              {about && (
                <Text slot="description" className="hint">
                  {about}
                </Text>
              )}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </Select>
  )
}

interface CheckProps {
  children?: ReactNode
  name?: string
  value?: string
  isSelected?: boolean
  defaultSelected?: boolean
  isIndeterminate?: boolean
  isDisabled?: boolean
  onChange?(selected: boolean): void
  'aria-label'?: string
}

export function Check({ children, ...props }: CheckProps) {
  return (
    <AriaCheckbox className="check" {...props}>
      <span className="box" aria-hidden="true" />
      {children}
    </AriaCheckbox>
  )
}

export function Toggle({ children, ...props }: Omit<CheckProps, 'isIndeterminate'>) {
  return (
    <AriaSwitch className="toggle" {...props}>
      <span className="track" aria-hidden="true" />
      {children}
    </AriaSwitch>
  )
}

interface SearchProps {
  label: string
  value: string
  onChange(value: string): void
  placeholder?: string
}

export function Search({ label, value, onChange, placeholder }: SearchProps) {
  return (
    <SearchField className="field search" aria-label={label} value={value} onChange={onChange}>
      <Input placeholder={placeholder ?? label} />
      {value && (
        <AriaButton className="search-clear" aria-label="Clear the search">
          <span aria-hidden="true">×</span>
        </AriaButton>
      )}
    </SearchField>
  )
}
