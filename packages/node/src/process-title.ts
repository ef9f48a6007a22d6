/** The process's name in `ps`, from `proc-title-template`. */
import type { Settings } from '@russet/core'

/** @param title `{title}` of the template. @param configFile path, empty for none. */
export function processTitle(settings: Settings, title: string, configFile: string): string {
  const { port, tlsPort, unixsocket } = settings
  const address = settings.bind[0] ?? '*'
  const listening = port > 0 || tlsPort > 0 ? `${address}:${port > 0 ? port : tlsPort}` : unixsocket
  const variables: { readonly [name: string]: string } = {
    title,
    'listen-addr': listening,
    'server-mode': '',
    port: `${port}`,
    'tls-port': `${tlsPort}`,
    unixsocket,
    'config-file': configFile,
  }
  const text = settings.procTitleTemplate.replace(/\{\{|\{([a-z-]+)\}/g, (_, name?: string) =>
    name === undefined ? '{' : (variables[name] ?? ''),
  )
  return text.trimEnd()
}
