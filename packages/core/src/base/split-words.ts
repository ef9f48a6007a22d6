/**
 * Words of a line as redis-cli, inline commands and redis.conf write them: separated by blanks, `"..."` with
 * \n \r \t \b \a \xHH escapes, `'...'` with only \' escaped. And the other way, one word in quotes.
 */

const ESCAPES: { readonly [letter: string]: string } = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' }

function isBlank(char: string | undefined): boolean {
  return (
    char === ' ' ||
    char === '\n' ||
    char === '\r' ||
    char === '\t' ||
    char === '\0' ||
    char === '\v' ||
    char === '\f'
  )
}

/** @returns the words, or undefined when a quote is not closed or is followed by more than a blank. */
export function splitWords(line: string): string[] | undefined {
  const words: string[] = []
  let at = 0
  for (;;) {
    while (at < line.length && isBlank(line[at])) at++
    if (at >= line.length) return words
    let word = ''
    while (at < line.length && !isBlank(line[at])) {
      const char = line[at] as string
      if (char !== '"' && char !== "'") {
        word += char
        at++
        continue
      }
      const quoted = char === '"' ? doubleQuoted(line, at + 1) : singleQuoted(line, at + 1)
      if (quoted === undefined) return undefined
      word += quoted.text
      at = quoted.end
      if (at < line.length && !isBlank(line[at])) return undefined
    }
    words.push(word)
  }
}

interface Quoted {
  text: string
  /** Just after the closing quote. */
  end: number
}

function doubleQuoted(line: string, at: number): Quoted | undefined {
  let text = ''
  while (at < line.length) {
    const char = line[at] as string
    if (char === '"') return { text, end: at + 1 }
    if (char !== '\\' || at + 1 >= line.length) {
      text += char
      at++
      continue
    }
    const hex = line.slice(at + 2, at + 4)
    if (line[at + 1] === 'x' && /^[0-9a-fA-F]{2}$/.test(hex)) {
      text += String.fromCharCode(Number.parseInt(hex, 16))
      at += 4
    } else {
      const letter = line[at + 1] as string
      text += ESCAPES[letter] ?? letter
      at += 2
    }
  }
  return undefined
}

function singleQuoted(line: string, at: number): Quoted | undefined {
  let text = ''
  while (at < line.length) {
    const char = line[at] as string
    if (char === "'") return { text, end: at + 1 }
    if (char === '\\' && line[at + 1] === "'") {
      text += "'"
      at += 2
    } else {
      text += char
      at++
    }
  }
  return undefined
}

const ESCAPED: { readonly [char: string]: string } = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\x07': '\\a',
  '\b': '\\b',
}

/** The word in double quotes, for `splitWords` to read back; all but printable ASCII becomes an escape. */
export function quoteWord(word: string): string {
  const hex = (char: string) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`
  return `"${word.replace(/[^ -~]|["\\]/g, (char) => ESCAPED[char] ?? hex(char))}"`
}
