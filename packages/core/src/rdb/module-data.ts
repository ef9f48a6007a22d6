/**
 * What modules write into RDB files. There are no modules here, but each part of their data says what it is,
 * so that it can be passed over, and a type is known by a name of nine characters packed into its number.
 */

import { corrupt } from './corrupt.js'
import type { RdbInput } from './rdb-input.js'
import { ModuleOpcode } from './rdb-types.js'

const NAME_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const NAME_LENGTH = 9
/** Bits of a character, and of the version that comes below all of them. */
const CHARACTER_BITS = 6n
const VERSION_BITS = 10n

/** The name of a module's type, such as `ReJSON-RL`. */
export function moduleTypeName(id: number | bigint): string {
  let rest = BigInt(id) >> VERSION_BITS
  let name = ''
  for (let i = 0; i < NAME_LENGTH; i++) {
    name = NAME_CHARACTERS.charAt(Number(rest & 0x3fn)) + name
    rest >>= CHARACTER_BITS
  }
  return name
}

/** Passes over what a module keeps beside the keys: its number, when it was written, and its parts. */
export function skipModuleAux(input: RdbInput): void {
  input.uint64()
  if (input.length() !== ModuleOpcode.UNSIGNED) corrupt('data of a module does not say when it was written')
  input.length()
  for (;;) {
    const opcode = input.length()
    switch (opcode) {
      case ModuleOpcode.END:
        return
      case ModuleOpcode.SIGNED:
      case ModuleOpcode.UNSIGNED:
        input.length()
        break
      case ModuleOpcode.FLOAT:
        input.skip(4)
        break
      case ModuleOpcode.DOUBLE:
        input.skip(8)
        break
      case ModuleOpcode.STRING:
        input.skipString()
        break
      default:
        corrupt(`data of a module has a part of unknown kind ${opcode}`)
    }
  }
}
