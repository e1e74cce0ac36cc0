// Why a decision is not ordered now, where it is not for the node to do something about it: it is shown, and raises no alarm.

/** It stays as it is. */
export class Waits extends Error {}

/** It is looked at again: what it waits for comes by itself. */
export class Later extends Waits {}
