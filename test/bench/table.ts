/** What a benchmark reports, and how it is printed: each figure beside its bar. */

export interface Row {
  readonly what: string
  /** What Russet is measured against, absolute; empty when the bar is absolute itself. */
  readonly reference: string
  /** Russet's absolute value. */
  readonly russet: string
  /** The value that is compared with the bar. */
  readonly figure: string
  /** Empty for a figure that is only told. */
  readonly bar: string
  /** Undefined without a bar. */
  readonly met: boolean | undefined
}

export interface Options {
  /** Rounds of what is measured side by side; the median counts. */
  readonly rounds: number
  /** Multiplies the number of requests and keys: below 1 for a quick look, whose figures mean little. */
  readonly scale: number
}

export interface Benchmark {
  readonly name: string
  readonly title: string
  run(options: Options): Promise<Row[]>
}

const HEADER = ['', 'reference', 'Russet', 'figure', 'bar', 'met']

const cellsOf = (row: Row): string[] => [
  row.what,
  row.reference,
  row.russet,
  row.figure,
  row.bar,
  row.met === undefined ? '' : row.met ? 'yes' : 'NO',
]

export function printText(title: string, rows: readonly Row[]): string {
  const lines = [HEADER, ...rows.map(cellsOf)]
  const widths = HEADER.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)))
  const body = lines.map((cells) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  '),
  )
  return `${title}\n${body.map((line) => `  ${line.trimEnd()}`).join('\n')}\n`
}

export function printMarkdown(title: string, rows: readonly Row[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [
    `### ${title}`,
    '',
    line(HEADER),
    '|---|---:|---:|---:|---:|---|',
    ...rows.map((row) => line(cellsOf(row))),
    '',
  ].join('\n')
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

/** `123,456`: a whole number with separators. */
export const whole = (value: number): string => Math.round(value).toLocaleString('en-US')

/** `1.23x`: a ratio. */
const times = (ratio: number): string => `${ratio.toFixed(2)}x`

type Verdict = Pick<Row, 'figure' | 'bar' | 'met'>

/** For a row in which a ratio is to be at least so large. */
export function atLeast(ratio: number, bar: number): Verdict {
  return { figure: times(ratio), bar: `>= ${times(bar)}`, met: ratio >= bar }
}

/** For a row in which a ratio is to be at most so large; without a bar it is only told. */
export function atMost(ratio: number, bar?: number): Verdict {
  const figure = times(ratio)
  if (bar === undefined) return { figure, bar: '', met: undefined }
  return { figure, bar: `<= ${times(bar)}`, met: ratio <= bar }
}
