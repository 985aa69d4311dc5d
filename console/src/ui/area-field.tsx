import { type PointerEvent, useRef, useState } from 'react'
import { type Area, areaBetween } from '../lib/area.ts'
import { Button, Field } from './controls.tsx'
import { LAND } from './world.ts'

interface AreaProps {
  area: Area | null
  onChange(area: Area | null): void
  issue?: string | undefined
  isReadOnly?: boolean
}

const SIDES = ['west', 'south', 'east', 'north'] as const
const EMPTY: Area = { west: 0, south: 0, east: 0, north: 0 }

/** The area that a workspace is about: drawn on a small map, or typed in degrees. */
export function AreaField({ area, onChange, issue, isReadOnly }: AreaProps) {
  return (
    <fieldset className="area">
      <legend>Area</legend>
      <WorldMap area={area} {...(isReadOnly ? {} : { onDraw: onChange })} />
      {!isReadOnly && (
        <>
          <p className="hint">Draw a rectangle, or type its sides in degrees.</p>
          <div className="area-sides">
            {SIDES.map((side) => (
              <Side
                key={side}
                side={side}
                value={area?.[side]}
                onChange={(degrees) => onChange({ ...(area ?? EMPTY), [side]: degrees })}
              />
            ))}
            <Button small isDisabled={!area} onPress={() => onChange(null)}>
              No area
            </Button>
          </div>
        </>
      )}
      {issue && (
        <p className="issue" role="alert">
          {issue}
        </p>
      )}
    </fieldset>
  )
}

interface SideProps {
  side: (typeof SIDES)[number]
  value: number | undefined
  onChange(degrees: number): void
}

function Side({ side, value, onChange }: SideProps) {
  const [typed, setTyped] = useState<string | null>(null)
  const shown = typed ?? (value === undefined ? '' : String(value))
  const change = (text: string) => {
    const degrees = Number(text)
    // What is not a number yet, such as a lone minus sign, is kept as it is typed.
    const isNumber = text.trim() !== '' && Number.isFinite(degrees)
    setTyped(isNumber && String(degrees) === text ? null : text)
    if (isNumber) onChange(degrees)
  }
  return <Field label={side.charAt(0).toUpperCase() + side.slice(1)} value={shown} onChange={change} />
}

interface MapProps {
  area: Area | null
  onDraw?(area: Area): void
}

function WorldMap({ area, onDraw }: MapProps) {
  const map = useRef<SVGSVGElement>(null)
  const start = useRef<readonly [number, number] | null>(null)
  const placeOf = (event: PointerEvent): readonly [number, number] => {
    const box = map.current?.getBoundingClientRect()
    if (!box) return [0, 0]
    const x = (event.clientX - box.left) / box.width
    const y = (event.clientY - box.top) / box.height
    return [x * 360 - 180, 90 - y * 180]
  }
  const begin = (event: PointerEvent<SVGSVGElement>) => {
    if (!onDraw) return
    event.currentTarget.setPointerCapture(event.pointerId)
    start.current = placeOf(event)
  }
  const move = (event: PointerEvent) => {
    if (!start.current || !onDraw) return
    const drawn = areaBetween(start.current, placeOf(event))
    if (drawn.east > drawn.west && drawn.north > drawn.south) onDraw(drawn)
  }
  const end = () => {
    start.current = null
  }
  return (
    <svg
      ref={map}
      className={onDraw ? 'world drawable' : 'world'}
      viewBox="-180 -90 360 180"
      role="img"
      aria-label={area ? `World map with the area ${describe(area)}` : 'World map without an area'}
      onPointerDown={begin}
      onPointerMove={move}
      onPointerUp={end}
      onPointerCancel={end}
    >
      <rect className="sea" x="-180" y="-90" width="360" height="180" />
      {LAND.map((outline) => (
        <polygon key={String(outline[0])} className="land" points={pointsOf(outline)} />
      ))}
      {[-120, -60, 0, 60, 120].map((longitude) => (
        <line key={longitude} className="grid" x1={longitude} x2={longitude} y1="-90" y2="90" />
      ))}
      {[-60, -30, 0, 30, 60].map((latitude) => (
        <line key={latitude} className="grid" x1="-180" x2="180" y1={latitude} y2={latitude} />
      ))}
      {area && isTiny(area) && (
        <circle
          className="around"
          cx={(area.west + area.east) / 2}
          cy={-(area.south + area.north) / 2}
          r="6"
        />
      )}
      {area && (
        <rect
          className="drawn"
          x={area.west}
          y={-area.north}
          width={Math.max(0.5, area.east - area.west)}
          height={Math.max(0.5, area.north - area.south)}
        />
      )}
    </svg>
  )
}

/** Too small to be found on a map of the world. */
const isTiny = ({ west, south, east, north }: Area) => east - west < 6 && north - south < 6

const describe = ({ west, south, east, north }: Area) => `from ${west}, ${south} to ${east}, ${north} degrees`

const pointsOf = (outline: readonly (readonly [number, number])[]) =>
  outline.map(([longitude, latitude]) => `${longitude},${-latitude}`).join(' ')
