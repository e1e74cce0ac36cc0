/** Baked in by vite.config.ts. */
declare const SERVICE_LEVEL_MODEL: import('@trine/core/protocol/payloads/agreement.ts').ModelIdentity;
