/** The version of Redis whose behaviour this is, and our own. */

export const REDIS_VERSION = '7.4.0'
export const RUSSET_VERSION = '0.1.0'
