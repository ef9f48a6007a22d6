/** What clients may call themselves: names, and those of their libraries, stand in lists divided by spaces. */

import { fail } from '../base/errors.js'

/** Whether `text` has only printable ASCII characters and no space. */
export function isListable(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x21 || code > 0x7e) return false
  }
  return true
}

/** @throws CommandError when `name` cannot be the name of a client */
export function checkClientName(name: string): void {
  if (!isListable(name)) fail('ERR Client names cannot contain spaces, newlines or special characters.')
}
