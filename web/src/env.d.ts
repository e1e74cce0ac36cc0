/** Of the model of each domain, by its name. Baked in by vite.config.ts. */
declare const __DOMAIN_IDENTITIES__: Readonly<Record<string, import('@trine/protocol').ModelIdentity>>;
