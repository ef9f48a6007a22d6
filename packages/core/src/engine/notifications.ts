/**
 * Keyspace notifications: what happens to keys, published as messages. The keyspace announces every event of
 * the classes in its `eventMask`; the mask is empty while nobody could hear of them, so that they cost nothing.
 */

import { EventClass } from '../keyspace/events.js'
import type { Keyspace } from '../keyspace/keyspace.js'
import type { Config } from './config.js'
import type { PubSub } from './pubsub.js'

/** The two kinds of channels; with neither of them chosen there are no messages. */
const CHANNELS = EventClass.KEYSPACE | EventClass.KEYEVENT

export class Notifications {
  constructor(
    private readonly config: Config,
    private readonly keyspace: Keyspace,
    private readonly pubsub: PubSub,
  ) {
    config.onChange(['notify-keyspace-events'], () => {
      this.update()
      return undefined
    })
  }

  /** Chooses what the keyspace announces: to be called when somebody begins to listen, and when nobody does. */
  update(): void {
    const classes = this.config.settings.notifyKeyspaceEvents
    this.keyspace.eventMask = (classes & CHANNELS) !== 0 && this.pubsub.hasAudience ? classes : 0
  }

  event(event: string, key: string, dbIndex: number): void {
    const classes = this.keyspace.eventMask
    if ((classes & EventClass.KEYSPACE) !== 0) this.pubsub.publish(`__keyspace@${dbIndex}__:${key}`, event)
    if ((classes & EventClass.KEYEVENT) !== 0) this.pubsub.publish(`__keyevent@${dbIndex}__:${event}`, key)
  }
}
