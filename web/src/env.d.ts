/** Baked in by vite.config.ts. */
declare const SERVICE_LEVEL_MODEL: import('@trine/protocol/payloads/agreement.ts').ModelIdentity;
