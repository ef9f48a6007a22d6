/** Bytes that live objects take, with the buffers that belong to them; needs `--expose-gc`. */
export function memoryInUse(): number {
  if (globalThis.gc === undefined) throw new Error('needs --expose-gc')
  globalThis.gc()
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
