/**
 * The rules that keep the engine free of platforms, as a reading of its syntax trees.
 *
 * Globals are an allow list: whatever a file uses and does not declare must be one of the language's own
 * deterministic objects. So a platform's globals need not be listed, nor can a new one slip in.
 */
import { posix } from 'node:path'
import { parseAst } from 'vitest/node'

/** Folders of packages/core/src, lowest first: a file imports from its own folder and from those before it. */
export const FLOORS = [
  'base',
  'storage',
  'structures',
  'keyspace',
  'protocol',
  'rdb',
  'commands',
  'engine',
  'persistence',
  'client',
]

const ALLOWED_GLOBALS = new Set(
  `undefined NaN Infinity isNaN isFinite parseInt parseFloat arguments
   Object Array String Number Boolean BigInt Symbol Math JSON Reflect Proxy RegExp Promise Map Set WeakMap WeakSet
   Error RangeError TypeError SyntaxError ArrayBuffer DataView Int8Array Uint8Array Uint8ClampedArray Int16Array
   Uint16Array Int32Array Uint32Array Float32Array Float64Array BigInt64Array BigUint64Array`.split(/\s+/),
)

export interface Import {
  /** As written. */
  readonly specifier: string
  /** Whether nothing of it is left at run time. */
  readonly typeOnly: boolean
}

export interface SourceFile {
  readonly imports: readonly Import[]
  /** What breaks a rule, each with its line: `3: Math.random`. */
  readonly violations: readonly string[]
}

interface Node {
  readonly type: string
  readonly start: number
  readonly [key: string]: unknown
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'

function* childrenOf(node: Node): Generator<[key: string, child: Node]> {
  for (const [key, value] of Object.entries(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield [key, child]
  }
}

/** Reads one TypeScript file of the core. */
export function readSource(text: string): SourceFile {
  const root = parseAst(text, { lang: 'ts' }) as unknown as Node
  const declared = new Set<string>()
  collectDeclared(root, declared)
  const imports: Import[] = []
  const violations: string[] = []
  const report = (node: Node, what: string): void => {
    violations.push(`${text.slice(0, node.start).split('\n').length}: ${what}`)
  }
  visit(root, undefined, '', false)
  for (const found of text.matchAll(/^\s*\/\/\/\s*<reference.*|@ts-(ignore|nocheck|expect-error)/gm)) {
    report({ type: '', start: found.index }, found[0].trim())
  }
  return { imports, violations }

  function visit(node: Node, parent: Node | undefined, key: string, inType: boolean): void {
    takeImport(node)
    if (!inType) checkValue(node, parent, key)
    for (const [childKey, child] of childrenOf(node)) {
      visit(child, node, childKey, inType || isTypePosition(node, childKey))
    }
  }

  function takeImport(node: Node): void {
    if (node.type === 'ImportExpression' || node.type === 'TSExternalModuleReference') {
      report(node, 'only static imports')
    }
    const source = node.source as (Node & { value?: unknown }) | null | undefined
    if (!isNode(source) || typeof source.value !== 'string') return
    const typeOnly = node.type === 'TSImportType' || node.importKind === 'type' || node.exportKind === 'type'
    imports.push({ specifier: source.value, typeOnly })
    if (!/^\.\.?\/.*\.js$/.test(source.value)) report(node, `import of ${source.value}`)
  }

  function checkValue(node: Node, parent: Node | undefined, key: string): void {
    if (node.type === 'MetaProperty' && (node.meta as { name?: string }).name === 'import')
      report(node, 'import.meta')
    if (node.type === 'CallExpression' || node.type === 'NewExpression') {
      if (propertyOf(node.callee as Node) === 'constructor')
        report(node, 'a call of .constructor makes code from text')
    }
    if (node.type !== 'Identifier' || !isReference(parent, key)) return
    const name = node.name as string
    if (name === 'Math') {
      const property = key === 'object' ? propertyOf(parent) : undefined
      if (property === undefined) report(node, 'Math without a property')
      if (property === 'random') report(node, 'Math.random')
    }
    if (!declared.has(name) && !ALLOWED_GLOBALS.has(name)) report(node, name)
  }
}

/** Name of the property that a member expression reads; undefined when it is computed or no member. */
function propertyOf(node: Node | undefined): string | undefined {
  if (node?.type === 'ParenthesizedExpression') return propertyOf(node.expression as Node)
  if (node?.type !== 'MemberExpression' || node.computed === true) return undefined
  return (node.property as { name?: string }).name
}

/** Whether what hangs on `node` under `key` is erased: a type. */
function isTypePosition(node: Node, key: string): boolean {
  if (node.type === 'TSInterfaceDeclaration' || node.type === 'TSTypeAliasDeclaration') return true
  return /^(typeAnnotation|typeArguments|typeParameters|returnType|superTypeArguments|implements)$/.test(key)
}

/** Whether an identifier at this place is a variable, rather than the name of a property, label or export. */
function isReference(parent: Node | undefined, key: string): boolean {
  switch (parent?.type) {
    case 'MemberExpression':
      return key !== 'property' || parent.computed === true
    case 'Property':
    case 'MethodDefinition':
    case 'PropertyDefinition':
    case 'AccessorProperty':
    case 'TSAbstractMethodDefinition':
    case 'TSAbstractPropertyDefinition':
      return key !== 'key' || parent.computed === true
    case 'TSEnumMember':
      return key !== 'id'
    case 'LabeledStatement':
    case 'BreakStatement':
    case 'ContinueStatement':
      return key !== 'label'
    case 'ImportSpecifier':
    case 'ExportSpecifier':
    case 'ExportAllDeclaration':
    case 'MetaProperty':
      return false
    default:
      return true
  }
}

const DECLARING: Record<string, readonly string[]> = {
  VariableDeclarator: ['id'],
  FunctionDeclaration: ['id', 'params'],
  FunctionExpression: ['id', 'params'],
  ArrowFunctionExpression: ['params'],
  TSDeclareFunction: ['id', 'params'],
  TSEmptyBodyFunctionExpression: ['params'],
  ClassDeclaration: ['id'],
  ClassExpression: ['id'],
  TSEnumDeclaration: ['id'],
  CatchClause: ['param'],
  ImportSpecifier: ['local'],
  ImportDefaultSpecifier: ['local'],
  ImportNamespaceSpecifier: ['local'],
}

/** All names that the file declares, wherever: which scope they belong to is the compiler's to check. */
function collectDeclared(node: Node, declared: Set<string>): void {
  // `declare const process` says that a global is there: that is no declaration of our own.
  if (node.declare === true) return
  const keys = DECLARING[node.type] ?? []
  for (const [key, child] of childrenOf(node)) {
    if (keys.includes(key)) collectPattern(child, declared)
    collectDeclared(child, declared)
  }
}

function collectPattern(node: Node, declared: Set<string>): void {
  if (node.type === 'Identifier') {
    declared.add(node.name as string)
    return
  }
  for (const [key, child] of childrenOf(node)) {
    const isName =
      node.type === 'AssignmentPattern' ? key === 'left' : key !== 'key' && !isTypePosition(node, key)
    if (isName) collectPattern(child, declared)
  }
}

/**
 * Imports that go up a floor or lead out of the source folder.
 * @param files sources by path relative to the source folder, e.g. `base/host.ts`
 */
export function floorViolations(files: ReadonlyMap<string, SourceFile>): string[] {
  const found: string[] = []
  for (const [path, { imports }] of files) {
    const floor = floorOf(path)
    if (floor === undefined) found.push(`${path} is on no floor`)
    for (const { specifier } of imports) {
      const target = resolveImport(path, specifier)
      if (!files.has(target)) found.push(`${path} imports ${specifier}, which is not there`)
      else if ((floorOf(target) ?? 0) > (floor ?? 0)) found.push(`${path} imports upward: ${specifier}`)
    }
  }
  return found
}

/** Circles of imports that exist at run time, each as a path back to its beginning. */
export function importCycles(files: ReadonlyMap<string, SourceFile>): string[] {
  const cycles: string[] = []
  const done = new Set<string>()
  const follow = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '))
      return
    }
    if (done.has(path)) return
    for (const { specifier, typeOnly } of files.get(path)?.imports ?? []) {
      if (!typeOnly) follow(resolveImport(path, specifier), [...trail, path])
    }
    done.add(path)
  }
  for (const path of files.keys()) follow(path, [])
  return cycles
}

/** Index of the floor; a file beside the folders (index.ts) is above all of them. */
function floorOf(path: string): number | undefined {
  if (!path.includes('/')) return FLOORS.length
  const floor = FLOORS.indexOf(path.slice(0, path.indexOf('/')))
  return floor < 0 ? undefined : floor
}

const resolveImport = (from: string, specifier: string): string =>
  posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts')
