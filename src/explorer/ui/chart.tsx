import { useEffect, useMemo, useRef, useState } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { axisTime } from '../logic/format'

export type Series = { readonly label: string; readonly color: string; readonly values: number[] }

type Props = {
  /** Seconds since the epoch, ascending: the start of each bucket. */
  readonly times: number[]
  readonly series: readonly Series[]
  /** Called with the brushed span, in seconds since the epoch. */
  readonly onBrush: (from: number, to: number) => void
}

const HEIGHT = 240

/** Stacked bars over time, drawn by uPlot; dragging across it selects a span. */
export default function Chart({ times, series, onBrush }: Props) {
  const host = useRef<HTMLDivElement>(null)
  const brush = useRef(onBrush)
  brush.current = onBrush
  const data = useMemo(() => stack(times, series), [times, series])
  const latest = useRef({ data, series })
  latest.current = { data, series }
  const [plot, setPlot] = useState<uPlot>()
  useNewData(plot, data)
  useEffect(() => {
    const element = host.current
    if (element === null) return
    const plot = new uPlot(
      options(element, latest.current.series, brush),
      latest.current.data,
      element,
    )
    setPlot(plot)
    const observer = new ResizeObserver(() =>
      plot.setSize({ width: element.clientWidth, height: HEIGHT }),
    )
    observer.observe(element)
    const media = matchMedia('(prefers-color-scheme: dark)')
    const redraw = () => plot.redraw()
    media.addEventListener('change', redraw)
    const themes = new MutationObserver(redraw)
    themes.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    return () => {
      observer.disconnect()
      themes.disconnect()
      media.removeEventListener('change', redraw)
      plot.destroy()
    }
  }, [])
  return <div ref={host} className="chart" aria-hidden="true" />
}

/** New figures go into the chart that is there, and wait while somebody draws on it: the brush must not be lost. */
function useNewData(plot: uPlot | undefined, data: uPlot.AlignedData): void {
  const latest = useRef(data)
  latest.current = data
  const isDrawing = useRef(false)
  useEffect(() => {
    if (plot !== undefined && !isDrawing.current && plot.data !== data) plot.setData(data)
  }, [plot, data])
  useEffect(() => {
    if (plot === undefined) return
    const begin = () => {
      isDrawing.current = true
    }
    // After uPlot has reported what was drawn.
    const end = () =>
      setTimeout(() => {
        if (!isDrawing.current) return
        isDrawing.current = false
        if (plot.data !== latest.current) plot.setData(latest.current)
      })
    plot.over.addEventListener('mousedown', begin)
    document.addEventListener('mouseup', end)
    return () => {
      plot.over.removeEventListener('mousedown', begin)
      document.removeEventListener('mouseup', end)
    }
  }, [plot])
}

/** Each series on top of those before it; the tallest is drawn first. */
function stack(times: number[], series: readonly Series[]): uPlot.AlignedData {
  const sums = times.map(() => 0)
  const stacked = series.map((each) =>
    each.values.map((value, at) => {
      const sum = (sums[at] ?? 0) + value
      sums[at] = sum
      return sum
    }),
  )
  return [times, ...stacked.reverse()]
}

function options(
  element: HTMLElement,
  series: readonly Series[],
  brush: { current: Props['onBrush'] },
): uPlot.Options {
  const ink = (name: string) => () => resolveColor(element, name)
  const axis = {
    stroke: ink('--muted'),
    grid: { stroke: ink('--line'), width: 1 },
    ticks: { show: false },
    font: '12px system-ui, sans-serif',
  }
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
    scales: {
      x: { range: padded },
      y: { range: (_plot, _min, max) => [0, Math.max(4, max * 1.1)] },
    },
    axes: [
      { ...axis, space: markSpace, values: timeMarks },
      { ...axis, size: 44 },
    ],
    series: [{}, ...[...series].reverse().map((each) => bar(each, ink))],
    hooks: { setSelect: [(plot) => reportBrush(plot, brush)] },
  }
}

/** Hours need more room than days. */
function markSpace(_plot: uPlot, _axis: number, from: number, to: number): number {
  return to - from > 3 * DAY_S ? 64 : 104
}

/** In the reader's own way of writing dates: uPlot knows the American one. */
function timeMarks(_plot: uPlot, marks: number[], _axis: number, _space: number, apart: number) {
  return marks.map((seconds) => axisTime(seconds * 1000, apart * 1000))
}

/** Half a bucket on either side, so that the first and the last bar stand whole. */
function padded(plot: uPlot, min: number, max: number): [number, number] {
  const times = plot.data[0]
  const gaps = times.slice(1).map((time, at) => time - (times[at] ?? time))
  const half = Math.min(DAY_S, ...gaps) / 2
  return [min - half, max + half]
}

const DAY_S = 86_400
const MIN_BRUSH_PX = 6

function reportBrush(plot: uPlot, brush: { current: Props['onBrush'] }): void {
  const { left, width } = plot.select
  if (width < MIN_BRUSH_PX) return
  brush.current(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'))
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
}

function bar(each: Series, ink: (name: string) => () => string): uPlot.Series {
  const paths = uPlot.paths.bars?.({ size: [0.75, 36] })
  const fill = ink(each.color)
  return {
    label: each.label,
    points: { show: false },
    fill,
    stroke: fill,
    width: 0,
    ...(paths ? { paths } : {}),
  }
}

/** Canvas knows no custom properties and no light-dark(): ask the browser for the colour in force. */
function resolveColor(element: HTMLElement, name: string): string {
  const probe = document.createElement('span')
  probe.style.color = `var(${name})`
  element.append(probe)
  const color = getComputedStyle(probe).color
  probe.remove()
  return color
}
