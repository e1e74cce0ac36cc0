// Generated from docs/reference/openapi.json: change that, then node clients/ts/schema.test.ts --update
export interface paths {
    "/api/v1/accounts/{address}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What an account has, and what agreements hold of it. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    address: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description What an account has, and what agreements hold of it. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Account"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/acts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Hands in what a party or an arbiter signed: it is checked, then submitted to the chain. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        act: components["schemas"]["Act"];
                        /** @description EIP-2612, for the amount of a deposit, in place of an approval. */
                        permit?: {
                            deadline: number;
                            signature: string;
                        };
                        /** @description By `account`, or the arbiter of `rule-contest`, over the digest; of all but `release`. */
                        signature?: string;
                        /** @description Of a contest: what is wrong. Kept by the node, shown to who sees payments, and in no log. */
                        words?: string;
                    };
                };
            };
            responses: {
                /** @description Hands in what a party or an arbiter signed: it is checked, then submitted to the chain. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ActState"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/acts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What became of an act that was handed in here. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description What became of an act that was handed in here. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ActState"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agreements": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Agreements, in the order they were made. */
        get: {
            parameters: {
                query?: {
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Agreements, in the order they were made. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Agreement"][];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agreements/{id}/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lets accounts join, each for a line: durable when it answers. The same again changes nothing. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        accounts: {
                            address: string;
                            /** @description Of the line, as its holder was given it. */
                            code: string;
                            /** @description Of the line. */
                            key: string;
                            /** @description By `address`, over LineAccount (EIP-712): docs/reference/decisions.md. */
                            signature: string;
                        }[];
                    };
                };
            };
            responses: {
                /** @description Lets accounts join, each for a line: durable when it answers. The same again changes nothing. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            accounts: components["schemas"]["JoinedAccount"][];
                        };
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agreements/{id}/codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Codes of the lines of an agreement that accounts join: each for the holder of its line alone. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Codes of the lines of an agreement that accounts join: each for the holder of its line alone. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["LineCode"][];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agreements/{id}/end": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends an agreement by the word of one of its parties: what has begun is decided and paid. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        fromMs: number;
                        reason: string;
                        role: string;
                        /** @description Over AgreementEnd (EIP-712): docs/reference/decisions.md. */
                        signature: string;
                    };
                };
            };
            responses: {
                /** @description Ends an agreement by the word of one of its parties: what has begun is decided and paid. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            fromMs: number;
                            policy: string;
                        };
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Alerts; one that goes on is one. */
        get: {
            parameters: {
                query?: {
                    /** @description `next` of the page before. */
                    after?: string;
                    domain?: string;
                    /** @description That went on after this. */
                    from?: number | null;
                    limit?: number;
                    policy?: string;
                    severity?: "info" | "warning" | "critical";
                    sort?: "newest" | "oldest" | "severity";
                    /** @description `open`: raised or acknowledged, not resolved. */
                    status?: "raised" | "acknowledged" | "resolved" | "open";
                    subject?: string;
                    /** @description That began before this. */
                    to?: number | null;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Alerts; one that goes on is one. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["AlertPage"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts/{id}/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What was done about an alert, by its newest decision. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description An id, or its first 6 or more digits. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        by: string;
                        code: string;
                        /** @default  */
                        note?: string;
                        /** @enum {string} */
                        status: "acknowledged" | "resolved";
                    };
                };
            };
            responses: {
                /** @description What was done about an alert, by its newest decision. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            code: string;
                            decision: string;
                            /** @enum {string} */
                            status: "acknowledged" | "resolved";
                        };
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/chain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The head of a sequence. */
        get: {
            parameters: {
                query: {
                    keyOwner?: string;
                    subject: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The head of a sequence. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SequenceHead"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/connectors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Connectors, how they are set, and what they heard. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Connectors, how they are set, and what they heard. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Connector"][];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/connectors/{name}/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Accepts things, or a kind of them: what they say is sealed from now on, by this gateway. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Name of the connector. */
                    name: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @default [] */
                        ids?: string[];
                        /**
                         * @description The units that nobody said (`assumed`) are as they are shown.
                         * @default false
                         */
                        isSure?: boolean;
                        kind?: string;
                        /** @description How one thing is read. */
                        mappings?: {
                            [key: string]: unknown;
                        }[];
                    };
                };
            };
            responses: {
                /** @description Accepts things, or a kind of them: what they say is sealed from now on, by this gateway. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            things: number;
                        };
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/connectors/{name}/add": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Adds a thing by hand, such as a topic that nothing reads: it is accepted and read by these mappings. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Name of the connector. */
                    name: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description Its id within the connector; of a topic that nothing reads, the topic. */
                        id: string;
                        mappings: {
                            [key: string]: unknown;
                        }[];
                        /** @description What people call it; default: its id. */
                        title?: string;
                    };
                };
            };
            responses: {
                /** @description Adds a thing by hand, such as a topic that nothing reads: it is accepted and read by these mappings. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            things: number;
                        };
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/connectors/{name}/address": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The path that a system pushes to: with a secret that is good for this connector alone. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Name of the connector. */
                    name: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description Another secret; the one before is good no more. */
                        isNew: boolean;
                    };
                };
            };
            responses: {
                /** @description The path that a system pushes to: with a secret that is good for this connector alone. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            path: string;
                        };
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/connectors/{name}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Undoes that: nothing more is sealed of them. What is sealed stays. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Name of the connector. */
                    name: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @default [] */
                        ids?: string[];
                        kind?: string;
                    };
                };
            };
            responses: {
                /** @description Undoes that: nothing more is sealed of them. What is sealed stays. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            things: number;
                        };
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/connectors/{name}/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sets a connector anew, or switches it on or off: from the next message on. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Name of the connector. */
                    name: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        enabled: boolean;
                        settings: {
                            [key: string]: unknown;
                        };
                    };
                };
            };
            responses: {
                /** @description Sets a connector anew, or switches it on or off: from the next message on. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Connector"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/connectors/simulated": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Until when a simulated house speaks; absent where it does not. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Until when a simulated house speaks; absent where it does not. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SimulatedHouse"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Lets a simulated house speak through the connectors; its readings say that they are simulated. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description 0: it speaks no more. */
                        minutes: number;
                    };
                };
            };
            responses: {
                /** @description Lets a simulated house speak through the connectors; its readings say that they are simulated. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SimulatedHouse"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/connectors/things": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Things that connectors found, those found last first. */
        get: {
            parameters: {
                query?: {
                    after?: number | null;
                    /** @description Name of the connector. */
                    connector?: string;
                    kind?: string;
                    limit?: number;
                    /** @description Part of the name, id, subject, kind, maker or model. */
                    search?: string;
                    /** @description Those found last first, or by connector, kind and name. */
                    sort?: "newest" | "kind";
                    state?: "found" | "accepted" | "changed";
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Things that connectors found, those found last first. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ConnectorThings"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/connectors/try": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a message would become: nothing of it is sealed. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description A mapping: docs/reference/mapping.md. */
                        mapping?: {
                            [key: string]: unknown;
                        };
                        payload: string;
                        topic: string;
                    };
                };
            };
            responses: {
                /** @description What a message would become: nothing of it is sealed. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["TriedMessage"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/connectors/unread": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Messages that nothing reads, by topic, and those refused last. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Messages that nothing reads, by topic, and those refused last. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["UnreadMessages"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deciding/{policy}/bodies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** For a decider of an agreement: bodies of what the agreement looks at, and of accounts that joined it. Fewer than were asked for, where they are large. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    policy: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        leaves: number[];
                    };
                };
            };
            responses: {
                /** @description For a decider of an agreement: bodies of what the agreement looks at, and of accounts that joined it. Fewer than were asked for, where they are large. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["DeciderBodies"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deciding/{policy}/rows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** For a decider of an agreement: the rows of a batch, as they are to be published. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    policy: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        intent: string;
                    };
                };
            };
            responses: {
                /** @description For a decider of an agreement: the rows of a batch, as they are to be published. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["BatchRows"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/decisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Decisions, with counts over the whole filter. */
        get: {
            parameters: {
                query?: {
                    /** @description Those under monitors alone, or none of them. */
                    advice?: "true" | "false";
                    /** @description `next` of the page before. */
                    after?: string;
                    domain?: string;
                    /** @description Obligations that end after this. */
                    from?: number | null;
                    /** @description Words in a reason for which it is held. */
                    gate?: string;
                    /** @description Held ones alone, or none of them. */
                    held?: "true" | "false";
                    limit?: number;
                    outcome?: "none" | "pay" | "hold" | "advice";
                    /** @description Hash of a policy, or id of an agreement. */
                    policy?: string;
                    sort?: "newest" | "oldest" | "amount" | "score";
                    /** @description Those that none replaced or corrected, or those that one did. */
                    standing?: "true" | "false";
                    subject?: string;
                    /** @description Obligations that begin before this. */
                    to?: number | null;
                    verdict?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Decisions, with counts over the whole filter. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["DecisionPage"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/decisions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A decision. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description An id, or its first 6 or more digits. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A decision. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["DecisionDetail"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/decisions/{id}/explanation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Why: computed again just now. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description An id, or its first 6 or more digits. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Why: computed again just now. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Explanation"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/decisions/{id}/label": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says what to think of it. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description An id, or its first 6 or more digits. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {string} */
                        assessment: "right" | "wrong" | "corrected";
                        by: string;
                        /** @default  */
                        note?: string;
                        row?: string;
                        verdict?: string;
                    };
                };
            };
            responses: {
                /** @description Says what to think of it. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            labelled: string;
                        };
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/decisions/{id}/labels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What people said of it, oldest first. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description An id, or its first 6 or more digits. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description What people said of it, oldest first. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Label"][];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/decisions/{id}/rows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Its lines of single parties, by key. */
        get: {
            parameters: {
                query?: {
                    /** @description `next` of the page before. */
                    after?: string;
                    limit?: number;
                };
                header?: never;
                path: {
                    /** @description An id, or its first 6 or more digits. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Its lines of single parties, by key. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["RowPage"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/device/{action}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Pauses the device of this computer, or lets it go on. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    action: "pause" | "resume";
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Pauses the device of this computer, or lets it go on. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            paused: boolean;
                        };
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Everything that speaks here or is spoken about. */
        get: {
            parameters: {
                query?: {
                    /** @description `next` of the page before. */
                    after?: string;
                    class?: "hardware" | "software" | "gateway" | "imported" | "simulated";
                    /** @description Those that hold a key themselves, or those that others speak about. */
                    enrolled?: "true" | "false";
                    /** @description Heard at this time or later. */
                    heardSince?: number | null;
                    /** @description `domain/thing`; empty: of no kind. */
                    kind?: string;
                    limit?: number;
                    /** @description Part of the name or the subject. */
                    name?: string;
                    /** @description Not heard since this time. */
                    silentSince?: number | null;
                    sort?: "subject" | "name" | "newest" | "silent";
                    /** @description This one alone. */
                    subject?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Everything that speaks here or is spoken about. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["DevicePage"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Lets a key in. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {string} */
                        class: "hardware" | "software" | "gateway" | "imported" | "simulated";
                        key: string;
                        name: string;
                        subject: string;
                        subjects?: string[];
                        /** @description Kind of thing: `domain/thing` of an installed domain. What it cannot send is refused. */
                        thing?: string;
                    };
                };
            };
            responses: {
                /** @description Lets a key in. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            enrolled: string;
                            subject: string;
                        };
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/recover": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lets a thing go on with another key after a fork. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        key: string;
                        keyOwner?: string;
                        reason: string;
                        subject: string;
                    };
                };
            };
            responses: {
                /** @description Lets a thing go on with another key after a fork. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Recovered"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Shuts a key out. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        key: string;
                        reason: string;
                    };
                };
            };
            responses: {
                /** @description Shuts a key out. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            revoked: string;
                        };
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/domains": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The domains installed here. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The domains installed here. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Domain"][];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/domains/{name}/{path}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A question that a domain answers from its decisions under a policy.
         * @description More names may stand in the query, as what is asked says.
         */
        get: {
            parameters: {
                query: {
                    policy: string;
                };
                header?: never;
                path: {
                    name: string;
                    path: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A question that a domain answers from its decisions under a policy. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": unknown;
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Live events, each a LiveEvent: first the whole overview, then what changes. With the id of the last event known, what was missed comes first, or `reload` where it cannot be told. */
        get: {
            parameters: {
                query?: {
                    /** @description Instead of the header Last-Event-ID. */
                    since?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Live events, each a LiveEvent: first the whole overview, then what changes. With the id of the last event known, what was missed comes first, or `reload` where it cannot be told. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/event-stream": string;
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/evidence/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The evidence file of a statement, a decision, a row or a payment. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description An id, or its first 6 or more digits. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The evidence file of a statement, a decision, a row or a payment. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/vnd.trine.evidence+cbor": string;
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/forecast": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a stream will say: advice. One at a time. */
        get: {
            parameters: {
                query?: {
                    steps?: number;
                    stream?: number | null;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description What a stream will say: advice. One at a time. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Forecast"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/held": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the gate held and can be released or dropped by hand, the newest first. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description What the gate held and can be released or dropped by hand, the newest first. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Held"][];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/held/{id}/lines": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lines of a decision that are held and can be released or dropped one by one, by key. */
        get: {
            parameters: {
                query?: {
                    after?: string;
                    limit?: number;
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Lines of a decision that are held and can be released or dropped one by one, by key. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["HeldLinePage"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/held/{id}/practice": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** On a practice network: says it in the name of the decider whose key is here, and of both parties. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        reason: string;
                        /** @description Key of the one line that is meant, where they are settled in batches; absent: all that is held. */
                        row?: string;
                        /**
                         * @description `pay` releases it, `drop` ends it unpaid.
                         * @enum {string}
                         */
                        ruling: "pay" | "drop";
                    };
                };
            };
            responses: {
                /** @description On a practice network: says it in the name of the decider whose key is here, and of both parties. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["HeldWord"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/held/{id}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A decider’s or a party’s word on what is held. It counts once enough deciders, or all parties, have said the same. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        reason: string;
                        /** @description Key of the one line that is meant, where they are settled in batches; absent: all that is held. */
                        row?: string;
                        /**
                         * @description `pay` releases it, `drop` ends it unpaid.
                         * @enum {string}
                         */
                        ruling: "pay" | "drop";
                        /** @description Over Release (EIP-712): docs/reference/decisions.md. */
                        signature: string;
                    };
                };
            };
            responses: {
                /** @description A decider’s or a party’s word on what is held. It counts once enough deciders, or all parties, have said the same. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["HeldWord"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/ids/{prefix}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What has an id that begins so: at most 20. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description An id, or its first 6 or more digits. */
                    prefix: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description What has an id that begins so: at most 20. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Ids"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/intents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Payments that still need signatures. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Payments that still need signatures. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["UnsignedIntent"][];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/intents/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The intent of a payment, as it stands in the public log: what is held and ruled on. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description An id, or its first 6 or more digits. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The intent of a payment, as it stands in the public log: what is held and ruled on. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Intent"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/intents/{id}/signatures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A decider’s signature over a payment: it says by itself whose it is. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        signature: string;
                    };
                };
            };
            responses: {
                /** @description A decider’s signature over a payment: it says by itself whose it is. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            taken: true;
                        };
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Models, newest first. */
        get: {
            parameters: {
                query?: {
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Models, newest first. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Model"][];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Registers a model. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        card: components["schemas"]["ModelCard"];
                        domain: string;
                        /** @default {} */
                        parameters?: {
                            [key: string]: unknown;
                        };
                    };
                };
            };
            responses: {
                /** @description Registers a model. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            model: string;
                        };
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models/{id}/{vote}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A party’s vote on a model. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                    vote: "approve" | "reject";
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        agreement: string;
                        signed?: {
                            atMs: number;
                            party: string;
                            signature: string;
                        };
                    };
                };
            };
            responses: {
                /** @description A party’s vote on a model. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            parties: string[];
                        };
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models/{id}/shadow": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tries a model beside the one in force. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        agreement: string;
                    };
                };
            };
            responses: {
                /** @description Tries a model beside the one in force. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            monitor: string;
                        };
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models/learn": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Learns from what people said. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        agreement: string;
                    };
                };
            };
            responses: {
                /** @description Learns from what people said. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            model: string;
                        };
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models/rollback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Back to the model before. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        agreement: string;
                        by: string;
                    };
                };
            };
            responses: {
                /** @description Back to the model before. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            rolledBack: string;
                        };
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/monitors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Monitors, in the order they were made. */
        get: {
            parameters: {
                query?: {
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Monitors, in the order they were made. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Monitor"][];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Proposes a monitor. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        correctableMs?: number;
                        currency?: string;
                        domain: string;
                        endMs?: number;
                        plausibility?: unknown;
                        startMs?: number;
                        subject: string;
                        terms: {
                            [key: string]: unknown;
                        };
                        title: string;
                    };
                };
            };
            responses: {
                /** @description Proposes a monitor. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            leaf: number;
                            /** @description Its hash. */
                            policy: string;
                        };
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/monitors/{id}/end": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends a monitor before its time. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description An id, or its first 6 or more digits. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description Obligations that begin then or later do not arise. Default: now. */
                        fromMs?: number;
                        reason: string;
                    };
                };
            };
            responses: {
                /** @description Ends a monitor before its time. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            fromMs: number;
                            policy: string;
                        };
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/mqtt/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who has a password for the embedded broker, and what each may say and hear. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Who has a password for the embedded broker, and what each may say and hear. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["MqttUser"][];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Adds a user of the embedded broker; one that is there gets other topics and another password. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description Of the user: without / + #. */
                        name: string;
                        /** @description Topic filters (MQTT 3.1.1 §4.7) that it may publish to. */
                        publish: string[];
                        /** @description Topic filters that it may subscribe to, or to parts of. */
                        subscribe: string[];
                    };
                };
            };
            responses: {
                /** @description Adds a user of the embedded broker; one that is there gets other topics and another password. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["MqttUserAdded"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/mqtt/users/{name}/remove": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Removes a user of the embedded broker: its connections end. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Of the user: without / + #. */
                    name: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Removes a user of the embedded broker: its connections end. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description Of the user: without / + #. */
                            name: string;
                        };
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How the node is. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description How the node is. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Overview"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/payments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Payments, with sums over the whole filter. */
        get: {
            parameters: {
                query?: {
                    /** @description `next` of the page before. */
                    after?: string;
                    /** @description Of obligations that end after this. */
                    from?: number | null;
                    limit?: number;
                    /** @description Name or address of a party: it pays or receives. */
                    party?: string;
                    /** @description Hash of the agreement, or its id. */
                    policy?: string;
                    sort?: "newest" | "oldest" | "amount";
                    state?: "ordered" | "announced" | "held" | "released" | "paid" | "dropped" | "expired" | "replaced";
                    subject?: string;
                    /** @description Of obligations that begin before this. */
                    to?: number | null;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Payments, with sums over the whole filter. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PaymentPage"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/payments/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A payment. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description An id, or its first 6 or more digits. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A payment. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Payment"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/payments/{id}/contests/practice": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** On a practice network: rules on a contest of a batch in the name of the arbiter. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description Who contests. */
                        account: string;
                        justified: boolean;
                    };
                };
            };
            responses: {
                /** @description On a practice network: rules on a contest of a batch in the name of the arbiter. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ActState"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/payments/{id}/practice": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** On a practice network: objects in the name of who pays (of a batch: the arbiter), or rules in the name of the arbiter. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {string} */
                        act: "hold" | "pay" | "drop" | "redecide";
                    };
                };
            };
            responses: {
                /** @description On a practice network: objects in the name of who pays (of a batch: the arbiter), or rules in the name of the arbiter. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ActState"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Appends a monitor, or on a practice network an agreement, which the node signs for the parties whose keys it keeps: as its payload with hex for bytes. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        policy: {
                            [key: string]: unknown;
                        };
                    };
                };
            };
            responses: {
                /** @description Appends a monitor, or on a practice network an agreement, which the node signs for the parties whose keys it keeps: as its payload with hex for bytes. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            leaf: number;
                            /** @description Its hash. */
                            policy: string;
                        };
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/proposals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Proposals, the newest first. */
        get: {
            parameters: {
                query?: {
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Proposals, the newest first. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Proposal"][];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Proposes an agreement. It is in no log and binds nobody until every party has signed it. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /**
                         * @default drop
                         * @enum {string}
                         */
                        afterHold?: "pay" | "drop";
                        arbiter?: string;
                        /**
                         * @default software
                         * @enum {string}
                         */
                        classMin?: "hardware" | "software" | "gateway" | "imported" | "simulated";
                        /** @description With `joining`: what contesting one’s row in a batch takes until it is ruled on. */
                        contestBond?: number;
                        correctableMs?: number;
                        currency: string;
                        /**
                         * @description Who decides besides this node.
                         * @default []
                         */
                        deciders?: {
                            address: string;
                            key: string;
                        }[];
                        /** @default 86400 */
                        disputeWindowS?: number;
                        domain: string;
                        endMs: number;
                        /** @default 2592000 */
                        holdMaxS?: number;
                        /** @description Members who hand in accounts of lines that join: then the lines are paid in batches. */
                        joining?: {
                            by: string[];
                        };
                        /** @description How long in all may be held because nothing could come in; beyond it counts what arrived. Default: without end. */
                        outageAllowanceMs?: number;
                        /** @default 1 */
                        ownersMin?: number;
                        /** @description Without `address`, the party makes its key from its link. */
                        parties: {
                            address?: string;
                            name: string;
                            role: string;
                        }[];
                        /** @description Minor units of the currency. */
                        perObligationMax: number;
                        /**
                         * @description How many of all deciders must sign a payment.
                         * @default 1
                         */
                        quorum?: number;
                        /** @description Admits accounts that join. Default: the account of the first of these members. */
                        registrar?: string;
                        startMs: number;
                        subject: string;
                        terms: {
                            [key: string]: unknown;
                        };
                        title: string;
                        /** @description Minor units of the currency. */
                        totalMax: number;
                        /** @description Ways in that the thing uses: while one is closed it is held. Default: all there are. */
                        waysIn?: ("mqtt" | "http" | "websocket")[];
                    };
                };
            };
            responses: {
                /** @description Proposes an agreement. It is in no log and binds nobody until every party has signed it. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Proposal"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/proposals/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A proposal, and the links of its parties. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A proposal, and the links of its parties. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Proposal"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/proposals/{id}/withdraw": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes a proposal back that not all have signed. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Takes a proposal back that not all have signed. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Proposal"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pseudonyms": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Pseudonyms of a person. */
        get: {
            parameters: {
                query: {
                    person: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Pseudonyms of a person. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Pseudonym"][];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Lets a person in under a pseudonym for one session. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        key: string;
                        person: string;
                        subject: string;
                    };
                };
            };
            responses: {
                /** @description Lets a person in under a pseudonym for one session. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            enrolled: string;
                            subject: string;
                        };
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How often a thing speaks with a usable value, and how many statements of it to agree on as due. */
        get: {
            parameters: {
                query: {
                    /** @description Those that count, with commas between; absent: all. */
                    quantities?: string;
                    subject: string;
                    /** @description Do texts count as well? */
                    texts?: "true" | "false";
                    windowMs: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description How often a thing speaks with a usable value, and how many statements of it to agree on as due. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Rate"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/readings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Readings of a thing as they came, by event time. */
        get: {
            parameters: {
                query: {
                    /** @description `next` of the page before. */
                    after?: string;
                    /** @description Milliseconds since 1970. */
                    from?: number | null;
                    limit?: number;
                    quantity?: string;
                    sort?: "newest" | "oldest";
                    subject: string;
                    /** @description Milliseconds since 1970. */
                    to?: number | null;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Readings of a thing as they came, by event time. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ReadingPage"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/readings.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Readings of a thing as a table, oldest first: all that the log has by now. A text that a spreadsheet would compute has a quote before it. */
        get: {
            parameters: {
                query: {
                    /** @description Milliseconds since 1970. */
                    from?: number | null;
                    quantity?: string;
                    subject: string;
                    /** @description Milliseconds since 1970. */
                    to?: number | null;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Readings of a thing as a table, oldest first: all that the log has by now. A text that a spreadsheet would compute has a quote before it. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/csv": string;
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/receipts/{of}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A C2SP tlog-proof. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Id of a statement or a payment, 64 hex digits, or number of a leaf. */
                    of: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A C2SP tlog-proof. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": string;
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/refusals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Statements refused last, oldest first. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Statements refused last, oldest first. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Refusal"][];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What would have been decided with another model or under other terms. One question at a time. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @default 0 */
                        fromMs?: number;
                        model?: string;
                        perObligationMax?: number;
                        policy: string;
                        terms?: {
                            [key: string]: unknown;
                        };
                        /** @default 9007199254740991 */
                        toMs?: number;
                    };
                };
            };
            responses: {
                /** @description What would have been decided with another model or under other terms. One question at a time. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["WhatIf"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/seals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Statements. */
        get: {
            parameters: {
                query?: {
                    /** @description `next` of the page before. */
                    after?: string;
                    limit?: number;
                    sort?: "newest" | "oldest";
                    subject?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Statements. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SealPage"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/series": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A stream over time, in buckets; silence is marked. */
        get: {
            parameters: {
                query?: {
                    /** @description Milliseconds since 1970. */
                    from?: number | null;
                    points?: number;
                    stream?: number | null;
                    /** @description Milliseconds since 1970. */
                    to?: number | null;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A stream over time, in buckets; silence is marked. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Series"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/signing/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A proposal, for the party that has the code. */
        get: {
            parameters: {
                query: {
                    code: string;
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A proposal, for the party that has the code. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Signing"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/signing/{id}/account": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Names the account of a party that had none: the key is made where the party is, and stays there. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        address: string;
                        code: string;
                    };
                };
            };
            responses: {
                /** @description Names the account of a party that had none: the key is made where the party is, and stays there. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Signing"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/signing/{id}/practice": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** On a practice network: gives a party test money, once, as much as the agreement may cost. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        code: string;
                    };
                };
            };
            responses: {
                /** @description On a practice network: gives a party test money, once, as much as the agreement may cost. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description Minor units of the currency. */
                            amount: number;
                        };
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/signing/{id}/signature": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes the signature of a party over the agreement’s id; with the last one the agreement is sealed. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        code: string;
                        signature: string;
                    };
                };
            };
            responses: {
                /** @description Takes the signature of a party over the agreement’s id; with the last one the agreement is sealed. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Signing"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/silences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Things that used to speak and are silent, or have no usable value any more; longest first. What this node hears now: none of it is sealed. */
        get: {
            parameters: {
                query?: {
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Things that used to speak and are silent, or have no usable value any more; longest first. What this node hears now: none of it is sealed. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Silences"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/silences/dismiss": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says that nothing more is expected of a thing, until it speaks again. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        subject: string;
                    };
                };
            };
            responses: {
                /** @description Says that nothing more is expected of a thing, until it speaks again. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            subject: string;
                        };
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/statements": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Hands in statements: a CBOR sequence of deliveries. The answer is the signed acknowledgement. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/cbor-seq": string;
                };
            };
            responses: {
                /** @description Hands in statements: a CBOR sequence of deliveries. The answer is the signed acknowledgement. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/cbor": string;
                    };
                };
                /** @description The same: too much of this connection. */
                429: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/cbor": string;
                    };
                };
                /** @description The same: too much in all. */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/cbor": string;
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/streams": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Quantities of a thing, each with its newest value. */
        get: {
            parameters: {
                query: {
                    subject: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Quantities of a thing, each with its newest value. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Stream"][];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/subjects/forget": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Erases what is kept about a thing, and certifies it. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        by?: string;
                        reason: string;
                        subject: string;
                    };
                };
            };
            responses: {
                /** @description Erases what is kept about a thing, and certifies it. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Erased"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/totals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Counts over all decisions and payments. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Counts over all decisions and payments. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Totals"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/chain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** JSON-RPC 2.0 of the chain: reading calls and signed transactions, one or a batch. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["JsonRpc"];
                };
            };
            responses: {
                /** @description JSON-RPC 2.0 of the chain: reading calls and signed transactions, one or a batch. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": unknown;
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/domains/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The file of an installed domain, by the hash of its bundle: what it decided is computed again with it. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    file: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The file of an installed domain, by the hash of its bundle: what it decided is computed again with it. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": string;
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/gateway.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a device must know. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description What a device must know. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Gateway"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** It answers; what is wrong now. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description It answers; what is wrong now. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Health"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/log/checkpoint": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The newest signed tree head. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The newest signed tree head. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": string;
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/log/tile/{path}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A tile of hashes or of entries (C2SP tlog-tiles); the path may have several parts. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    path: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A tile of hashes or of entries (C2SP tlog-tiles); the path may have several parts. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/octet-stream": string;
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/log/vkey": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The verifier key of the log. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The verifier key of the log. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": string;
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Prometheus metrics. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Prometheus metrics. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": string;
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/model.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Identities of the models installed, by domain. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Identities of the models installed, by domain. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            [key: string]: components["schemas"]["ModelIdentity"];
                        };
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/network.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The network document. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The network document. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Network"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether statements can come in. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Whether statements can come in. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Health"];
                    };
                };
                /** @description They cannot. */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Health"];
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/verifier.html": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The verifier as one file, which the network document names. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The verifier as one file, which the network document names. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/html": string;
                    };
                };
                /** @description What went wrong. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description What the party has, once the agreement is sealed. */
        Account: {
            address: string;
            currency: string;
            decimals: number;
            /** @description What leaves at any time, on the word of its owner alone. */
            free: number;
            /** @description By agreement in which it is anything. */
            locks: components["schemas"]["Lock"][];
            /** @description The number of the next permit, decimal. */
            permitNonce: string;
            token: string;
            /** @description As permits for a deposit name it (EIP-2612). */
            tokenName: string;
            /** @description What the account has outside, and can deposit. */
            wallet: number;
        };
        /** @description As the contracts have it (EIP-712): docs/reference/contracts.md. */
        Act: {
            account: string;
            /** @description Minor units of the currency. */
            amount: number;
            /** @description Seconds since 1970, at most 7 days from now. */
            deadline: number;
            /** @enum {string} */
            kind: "deposit";
            /** @description Any number: an act with one that was used is refused. */
            nonce: string;
            token: string;
        } | {
            account: string;
            /** @description Minor units of the currency. */
            amount: number;
            /** @description Seconds since 1970, at most 7 days from now. */
            deadline: number;
            /** @enum {string} */
            kind: "withdraw";
            /** @description Any number: an act with one that was used is refused. */
            nonce: string;
            to: string;
            token: string;
        } | {
            account: string;
            agreement: string;
            /** @description Minor units of the currency. */
            amount: number;
            /** @description Seconds since 1970, at most 7 days from now. */
            deadline: number;
            from: number;
            /** @enum {string} */
            kind: "authorize";
            /** @description Any number: an act with one that was used is refused. */
            nonce: string;
            period: number;
            /** @description Minor units of the currency. */
            perObligation: number;
            /** @description Minor units of the currency. */
            perPeriod: number;
            until: number;
        } | {
            account: string;
            agreement: string;
            /** @description Seconds since 1970, at most 7 days from now. */
            deadline: number;
            /** @enum {string} */
            kind: "revoke";
            /** @description Any number: an act with one that was used is refused. */
            nonce: string;
        } | {
            account: string;
            agreement: string;
            /** @description Minor units of the currency. */
            amount: number;
            /** @description Seconds since 1970, at most 7 days from now. */
            deadline: number;
            /** @enum {string} */
            kind: "claim";
            /** @description Any number: an act with one that was used is refused. */
            nonce: string;
        } | {
            account: string;
            agreement: string;
            /** @description Seconds since 1970, at most 7 days from now. */
            deadline: number;
            intent: string;
            /** @enum {string} */
            kind: "hold";
            /** @description Any number: an act with one that was used is refused. */
            nonce: string;
            obligation: string;
        } | {
            account: string;
            agreement: string;
            /** @description Seconds since 1970, at most 7 days from now. */
            deadline: number;
            intent: string;
            /** @enum {string} */
            kind: "rule";
            /** @description Any number: an act with one that was used is refused. */
            nonce: string;
            obligation: string;
            /** @enum {string} */
            ruling: "pay" | "drop" | "redecide";
        } | {
            account: string;
            agreement: string;
            /** @description Seconds since 1970, at most 7 days from now. */
            deadline: number;
            /** @enum {string} */
            kind: "contest";
            /** @description Any number: an act with one that was used is refused. */
            nonce: string;
            obligation: string;
            /** @description SHA-256 of `words`, handed in beside it. */
            statement: string;
        } | {
            /** @description Who contests. The signature is by the arbiter. */
            account: string;
            agreement: string;
            /** @description Seconds since 1970, at most 7 days from now. */
            deadline: number;
            /** @description The bond goes back; else to the residuary of the terms. */
            justified: boolean;
            /** @enum {string} */
            kind: "rule-contest";
            /** @description Any number: an act with one that was used is refused. */
            nonce: string;
            obligation: string;
        } | {
            account: string;
            agreement: string;
            /** @enum {string} */
            kind: "release";
        };
        ActState: {
            block?: number;
            /** @description Why it waits, or was refused after all. */
            error?: string;
            /** @description Its digest. */
            id: string;
            /** @enum {string} */
            state: "queued" | "submitted" | "confirmed" | "refused";
            transaction?: string;
        };
        Agreement: {
            /** @description End of the newest obligation decided; absent: none yet. */
            decidedUntilMs?: number;
            /** @description It was ended: obligations that begin then or later do not arise; `by` is a role. */
            end?: {
                by?: string;
                /** @description Milliseconds since 1970. */
                fromMs: number;
                leaf: number;
                reason: string;
            };
            /** @description Of the policy: what decisions name. */
            hash: string;
            held: number;
            /** @description On the chain. */
            id: string;
            leaf: number;
            /** @description Minor units of the currency. */
            locked: number;
            /** @description Milliseconds since 1970. */
            loggedMs: number;
            /** @description Hash of the model that decides now. */
            model: string;
            /** @description Minor units of the currency. */
            paid: number;
            policy: components["schemas"]["AgreementTerms"];
            /** @description Why it cannot be decided now. */
            problem?: string;
            /** @description Parties whose signature is in the log. */
            signed: {
                leaf: number;
                role: string;
            }[];
            /** @enum {string} */
            standing: "not-begun" | "in-force" | "ended" | "replaced";
            /** @description When its obligations arise; empty where its domain is not installed. */
            triggers: components["schemas"]["Trigger"][];
            /** @description Decisions under it, by the domain’s word. */
            verdicts: {
                [key: string]: number;
            };
        };
        AgreementTerms: {
            /** @description Out of which account the line of a key is settled. */
            accounts?: {
                address: string;
                key: string;
            }[];
            arbiter: string;
            correctableMs?: number;
            deciders: {
                list: {
                    address: string;
                    key: string;
                }[];
                quorum: number;
            };
            domain: string;
            gate: {
                /** @enum {string} */
                classMin: "hardware" | "software" | "gateway" | "imported" | "simulated";
                heartbeat: string;
                heartbeatGapMsMax: number;
                /** @description How long in the period may be held because nothing could come in. Absent: without end. */
                outageAllowanceMs?: number;
                ownersMin: number;
                /** @description Ways in that must have been open. Absent: all. */
                waysIn?: string[];
            };
            /** @description Accounts of lines join by statements: keys of the members who may hand them in. */
            joining?: {
                by: string[];
            };
            model: components["schemas"]["ModelIdentity"];
            modelChange?: components["schemas"]["ModelChange"];
            money: {
                /** @enum {string} */
                afterHold: "pay" | "drop";
                chainId: number;
                /** @description Of batches: what contesting one’s row takes until it is ruled on. */
                contestBond?: number;
                contract: string;
                currency: string;
                deadlineS: number;
                disputeWindowS: number;
                holdMaxS: number;
                obligationMaxS: number;
                /** @description Minor units of the currency. */
                perObligationMax: number;
                settleWithinS: number;
                token: string;
                /** @description Minor units of the currency. */
                totalMax: number;
            };
            network: string;
            /** @description Logs in which statements count, by origin. */
            origins: string[];
            parties: {
                address: string;
                name: string;
                role: string;
            }[];
            period: {
                /** @description Milliseconds since 1970. */
                endMs: number;
                /** @description Milliseconds since 1970. */
                startMs: number;
            };
            plausibility?: components["schemas"]["Plausibility"];
            registrar?: string;
            subject: string;
            /** @description As the schema of the domain says. */
            terms?: unknown;
            title: string;
            /** @enum {string} */
            trine: "agreement/1";
            zones?: {
                hash: string;
                release: string;
            };
        };
        Alert: {
            /** @description A word of the domain. */
            code: string;
            /** @description The newest decision that raised it: what a person’s word on it names. */
            decision: string;
            domain: string;
            /** @description and of the newest. */
            lastMs: number;
            policy: string;
            /** @description The decision that raised it first: the same for as long as it goes on. */
            raisedBy: string;
            reason: string;
            /** @description Who said so, when, and what of it. */
            said?: {
                /** @description Milliseconds since 1970. */
                atMs: number;
                by: string;
                note: string;
            };
            /** @enum {string} */
            severity: "info" | "warning" | "critical";
            /** @description End of the first obligation that raised it */
            sinceMs: number;
            /** @enum {string} */
            status: "raised" | "acknowledged" | "resolved";
            subject: string;
            /** @description How many obligations raised it. */
            times: number;
        };
        AlertPage: {
            counts: {
                /** @description Under the filter but for `status` and `severity`. */
                statuses: {
                    count: number;
                    /** @enum {string} */
                    severity: "info" | "warning" | "critical";
                    /** @enum {string} */
                    status: "raised" | "acknowledged" | "resolved";
                }[];
                /** @description Alerts that the whole filter lets through. */
                total: number;
            };
            items: components["schemas"]["Alert"][];
            /** @description Give it as `after` for the next page; absent: the last. */
            next?: string;
        };
        BatchRows: {
            /** @description 12 bytes each, 0x-hex. */
            rows: string;
        };
        Connector: {
            about: string;
            accepted: number;
            enabled: boolean;
            /** @description What such a system pushes: behind its address this path, and this body. */
            example?: {
                body: string;
                path: string;
            };
            filters: string[];
            /** @description Things that wait for somebody who accepts them. */
            found: number;
            /** @description Messages looked at since the start. */
            heard: number;
            /** @description Kinds that are accepted as they come. */
            kinds: string[];
            lastRefused?: string;
            /** @description Name of the connector. */
            name: string;
            refused: number;
            /** @description JSON Schema of the settings. */
            schema: {
                [key: string]: unknown;
            };
            settings: {
                [key: string]: unknown;
            };
            title: string;
            triedAgainst: string;
            ways: ("mqtt" | "http")[];
        };
        ConnectorKind: {
            accepted: number;
            /** @description Quantities of those found whose unit nobody said. */
            assumed: string[];
            changed: number;
            /** @description Name of the connector. */
            connector: string;
            found: number;
            /** @description Those that come are accepted too. */
            isAccepted: boolean;
            kind: string;
        };
        ConnectorThing: {
            /** @description Milliseconds since 1970. */
            acceptedMs?: number;
            /** @description Quantities whose unit nobody said. */
            assumed: string[];
            /** @description Name of the connector. */
            connector: string;
            /** @description Milliseconds since 1970. */
            foundMs: number;
            /** @description Milliseconds since 1970. */
            heardMs?: number;
            id: string;
            kind: string;
            maker?: string;
            mappingHashes: string[];
            mappings: {
                [key: string]: unknown;
            }[];
            messages: number;
            model?: string;
            name: string;
            /** @description Values of its last message that say that there is none. */
            noValue: number;
            /** @description As it would be read if it were accepted now. */
            offered: {
                [key: string]: unknown;
            }[];
            /** @description What its last message says, or would say. */
            preview: components["schemas"]["MappedReading"][];
            /**
             * @description `changed`: it is read as it was accepted, and says that it can be read otherwise now.
             * @enum {string}
             */
            state: "found" | "accepted" | "changed";
            subjects: string[];
            /** @description Names that nobody knows a quantity for. */
            unknown: string[];
        };
        ConnectorThings: {
            counts: {
                accepted: number;
                changed: number;
                /** @description Under the filter but for `state`. */
                found: number;
                /** @description Under the filter but for `state`; at most 1000. */
                kinds: components["schemas"]["ConnectorKind"][];
                /** @description Things that the whole filter lets through. */
                total: number;
            };
            items: components["schemas"]["ConnectorThing"][];
            /** @description Give it as `after` for the next page; absent: the last. */
            next?: string;
        };
        /** @description A party’s word that its row in a batch is wrong. It holds nothing, and changes no number. */
        Contest: {
            /** @description Who says that its row is wrong, an address on the chain. */
            account: string;
            /** @description What it took out of the free balance, as the terms say. */
            bond: number;
            ended?: {
                /** @description Milliseconds since 1970. */
                atMs: number;
                /**
                 * @description The arbiter’s word, after which the bond went back, or to the residuary; or not ruled on in time.
                 * @enum {string}
                 */
                how: "justified" | "unjustified" | "not-ruled";
            };
            /** @description Of the line that is settled out of it, or its role as a party. */
            key?: string;
            /** @description Milliseconds since 1970. */
            sinceMs: number;
            /** @description Where nobody rules until then, it ends by itself: the bond goes back. */
            untilMs: number;
            /** @description What it says, where that was handed in here. */
            words?: string;
        };
        /** @description Where it stands on the chain. */
        Course: {
            /** @enum {string} */
            afterHold?: "pay" | "drop";
            /** @description Announced: whoever pays, or the arbiter, can hold it until then. */
            disputableUntilMs?: number;
            /** @description Held: by whom, an address on the chain. */
            heldBy?: string;
            /** @description Held: where nobody rules until then, `afterHold` follows. */
            heldUntilMs?: number;
            /** @description Announced or released: what is not paid by then expires. */
            payableUntilMs?: number;
            /** @description Held: another decision may take its place. */
            replaceable?: boolean;
        };
        Decided: {
            /** @description Minor units of the currency. */
            amount: number;
            id: string;
            outcome: string;
            reason: string;
            verdict: string;
        };
        DeciderBodies: {
            bodies: {
                /** @description Salt and body, base64; null: it is not kept here, or about no line that joined. */
                body: string | null;
                leaf: number;
            }[];
            /** @description Of the policy: from it follow the salts of states and rows. */
            secret: string;
        };
        Decision: {
            /** @description Id of the agreement; absent: advice under a monitor. */
            agreement?: string;
            /** @description Sum of the entries, minor units. */
            amount: number;
            /** @description Milliseconds since 1970. */
            arrivalMs: number;
            /** @description Decided to be paid, and not yet payable: what it waits for, in words. */
            awaits?: string;
            /** @description A correction: the obligation that it corrects. */
            base?: string;
            /** @description '' where the policy knows no money. */
            currency: string;
            /** @description Only leaves below were looked at. */
            cut: number;
            domain: string;
            entries: components["schemas"]["Entry"][];
            facts: {
                [key: string]: number | string;
            };
            /** @description The event time that it is about: from here on */
            fromMs: number;
            /** @description Why it is held. */
            gate: string[];
            id: string;
            /** @description How many times people spoke of it. */
            labels: number;
            leaf: number;
            /** @description Hash of the model that decided. */
            model: string;
            obligation: string;
            /** @enum {string} */
            outcome: "none" | "pay" | "hold" | "advice";
            /** @description Digest of the intent, where a payment was ordered. */
            payment?: string;
            /** @description Hash of the policy. */
            policy: string;
            reason: string;
            /** @description Lines of single parties; absent where the domain has none. */
            rowCount?: number;
            score?: {
                ppm: number;
                thresholdPpm: number;
            };
            subject: string;
            /** @description The one that replaced or corrected it. */
            supersededBy?: string;
            /** @description The decision that it replaces or corrects. */
            supersedes?: string;
            /** @description and before this. */
            toMs: number;
            /** @description What brought the obligation about. */
            trigger: string;
            /** @description A word of the domain. */
            verdict: string;
        };
        DecisionDetail: components["schemas"]["Decision"] & {
            /** @description Held, and released (`pay`) or dropped by hand: by whom, in words, and why. */
            byHand?: {
                by: string;
                reason: string;
                /** @enum {string} */
                ruling: "pay" | "drop";
            };
            /** @description All that was decided on its obligation, corrections included, oldest first. */
            chain: components["schemas"]["Decision"][];
            /** @description The lowest class behind it. */
            class: string;
            /** @description Owners behind what was looked at. */
            owners: number;
            /** @description The how-manieth correction it is. */
            revision?: number;
            /** @description and after. */
            statesAfter: number;
            /** @description How many states there were before */
            statesBefore: number;
        };
        DecisionPage: {
            counts: {
                /** @description Decisions that the whole filter lets through. */
                total: number;
                /** @description By word, and how many of these are held, or under monitors; under the filter but for verdict, held, outcome, advice. */
                verdicts: {
                    advice: number;
                    count: number;
                    domain: string;
                    held: number;
                    verdict: string;
                }[];
            };
            items: components["schemas"]["Decision"][];
            /** @description Give it as `after` for the next page; absent: the last. */
            next?: string;
        };
        /** @description A thing that speaks here or is spoken about. */
        Device: {
            /** @enum {string} */
            class?: "hardware" | "software" | "gateway" | "imported" | "simulated";
            flags: {
                [key: string]: number;
            };
            /**
             * @description Of a sequence about it: a fork that holds what it concerns, or one that was recovered from.
             * @enum {string}
             */
            fork?: "standing" | "recovered";
            keyOwner: string;
            /** @description did:key of the keys it holds, with what each may speak of. */
            keys: {
                did: string;
                revoked: boolean;
                subjects: string[];
            }[];
            /** @description Kind of thing: `domain/thing`, where its enrolment names one. */
            kind?: string;
            /** @description When it was heard last; absent: never. */
            lastArrivalMs?: number;
            /** @description Time of its newest reading, which an import gives. */
            lastEventMs?: number;
            name: string;
            readings: number;
            revoked: boolean;
            statements: number;
            subject: string;
            /** @description Parts per million, after it was checked against others last; absent: never checked. */
            trustPpm?: number;
        };
        DevicePage: {
            counts: {
                /** @description Under the filter but for `class`. */
                classes: {
                    /** @enum {string} */
                    class: "hardware" | "software" | "gateway" | "imported" | "simulated";
                    count: number;
                }[];
                /** @description Under the filter but for `kind`; '' for things of none. */
                kinds: {
                    count: number;
                    kind: string;
                }[];
                /** @description Things that the whole filter lets through. */
                total: number;
            };
            items: components["schemas"]["Device"][];
            /** @description Give it as `after` for the next page; absent: the last. */
            next?: string;
        };
        /** @description What is installed: its manifest, the form of its terms, the model that decides. */
        Domain: {
            about: string;
            alerts: {
                [key: string]: {
                    label: string;
                    /** @enum {string} */
                    tone: "ok" | "info" | "warn" | "bad" | "quiet";
                };
            };
            model: components["schemas"]["ModelIdentity"];
            name: string;
            panels: {
                id: string;
                /** @enum {string} */
                kind: "facts" | "readings" | "rows";
                of: string[];
                title: string;
                unit?: string;
            }[];
            reads: ("pack" | "event")[];
            roles: string[];
            routes: {
                asks: {
                    [key: string]: string;
                };
                path: string;
                summary: string;
            }[];
            /** @description JSON Schema (2020-12) of the terms. */
            terms: Record<string, never>;
            things: {
                [key: string]: {
                    properties: {
                        [key: string]: {
                            maximum?: number;
                            minimum?: number;
                            title: string;
                            unit: string;
                        };
                    };
                    title: string;
                };
            };
            title: string;
            verdicts: {
                [key: string]: {
                    label: string;
                    /** @enum {string} */
                    tone: "ok" | "info" | "warn" | "bad" | "quiet";
                };
            };
            version: string;
        };
        /** @description An agreement; a party that has yet to make its key has no address. */
        DraftTerms: {
            /** @description Out of which account the line of a key is settled. */
            accounts?: {
                address: string;
                key: string;
            }[];
            arbiter: string;
            correctableMs?: number;
            deciders: {
                list: {
                    address: string;
                    key: string;
                }[];
                quorum: number;
            };
            domain: string;
            gate: {
                /** @enum {string} */
                classMin: "hardware" | "software" | "gateway" | "imported" | "simulated";
                heartbeat: string;
                heartbeatGapMsMax: number;
                /** @description How long in the period may be held because nothing could come in. Absent: without end. */
                outageAllowanceMs?: number;
                ownersMin: number;
                /** @description Ways in that must have been open. Absent: all. */
                waysIn?: string[];
            };
            /** @description Accounts of lines join by statements: keys of the members who may hand them in. */
            joining?: {
                by: string[];
            };
            model: components["schemas"]["ModelIdentity"];
            modelChange?: components["schemas"]["ModelChange"];
            money: {
                /** @enum {string} */
                afterHold: "pay" | "drop";
                chainId: number;
                /** @description Of batches: what contesting one’s row takes until it is ruled on. */
                contestBond?: number;
                contract: string;
                currency: string;
                deadlineS: number;
                disputeWindowS: number;
                holdMaxS: number;
                obligationMaxS: number;
                /** @description Minor units of the currency. */
                perObligationMax: number;
                settleWithinS: number;
                token: string;
                /** @description Minor units of the currency. */
                totalMax: number;
            };
            network: string;
            /** @description Logs in which statements count, by origin. */
            origins: string[];
            parties: {
                /** @description Absent: the party has yet to make its key. */
                address?: string;
                name: string;
                role: string;
            }[];
            period: {
                /** @description Milliseconds since 1970. */
                endMs: number;
                /** @description Milliseconds since 1970. */
                startMs: number;
            };
            plausibility?: components["schemas"]["Plausibility"];
            registrar?: string;
            subject: string;
            /** @description As the schema of the domain says. */
            terms?: unknown;
            title: string;
            /** @enum {string} */
            trine: "agreement/1";
            zones?: {
                hash: string;
                release: string;
            };
        };
        /** @description Mean scores and shares that something followed from, first and newest, in ppm. */
        Drift: {
            first: number;
            followedFirst: number;
            followedNewest: number;
            newest: number;
            obligations: number;
            /** @enum {string} */
            verdict: "too-early" | "steady" | "drifting";
        };
        /** @description What leaves one account enters another. */
        Entry: {
            /** @description Minor units of the currency. */
            amount: number;
            currency: string;
            from: string;
            /** @enum {string} */
            tag: "entry";
            to: string;
        };
        Erased: {
            /** @description How many were erased. */
            bodies: number;
            /** @description Of the certificate. */
            leaf: number;
            /** @description Statements that stay, because their bodies are in the log itself. */
            open: number;
        };
        Explanation: {
            /** @description True: computed again just now, with the same bits. */
            replayed: boolean;
            series: {
                expected: (number | null)[];
                high: (number | null)[];
                low: (number | null)[];
                quantity: string;
                score: number[];
                /** @description 0 to 1. */
                share: number;
                timeMs: number[];
                unit: string;
                value: number[];
            }[];
            similar: {
                /** @description Minor units of the currency. */
                amount: number;
                /** @description 0 is the same in everything measured. */
                distance: number;
                /** @description Milliseconds since 1970. */
                fromMs: number;
                id: string;
                labels: {
                    /** @enum {string} */
                    assessment: "right" | "wrong" | "corrected";
                    by: string;
                    note: string;
                    verdict: string | null;
                }[];
                outcome: string;
                reason: string;
                verdict: string;
            }[];
            /** @description Sentences, the weightiest first. */
            words: string[];
        };
        /** @description Advice, appended nowhere. */
        Forecast: {
            intervalMs: number;
            intervals: {
                high: number[];
                level: number;
                low: number[];
            }[];
            /** @description The methods it came to use, in words. */
            methods: string;
            model: string;
            /** @description The last values it was made from; null for a missing one. */
            past: (number | null)[];
            pastMs: number[];
            point: number[];
            stream: number;
            timeMs: number[];
        };
        Gateway: {
            /** @description did:key whose acknowledgements count. */
            key: string;
            /** @description Where to send. */
            mqtt: string;
            network: string;
        };
        Health: {
            leaves: number;
            problems: {
                /** @enum {string} */
                code: "transport" | "disk" | "store" | "chain" | "deciding" | "settling" | "anchoring" | "webhook" | "pseudonyms" | "fault";
                /** @description Milliseconds since 1970. */
                sinceMs: number;
            }[];
            /** @enum {string} */
            status: "ready" | "degraded" | "unready";
        };
        HealthProblem: {
            /** @enum {string} */
            code: "transport" | "disk" | "store" | "chain" | "deciding" | "settling" | "anchoring" | "webhook" | "pseudonyms" | "fault";
            message: string;
            /** @description Milliseconds since 1970. */
            sinceMs: number;
        };
        Held: {
            agreement: string;
            /** @description What it would move, lines included; where lines alone are held, these. */
            amount: number;
            currency: string;
            /** @description Milliseconds since 1970. */
            fromMs: number;
            /** @description Why it is held. */
            gate: string[];
            /** @description Of the decision. */
            id: string;
            /** @description How many of its lines are held, where they are settled in batches: released all at once, or one by one. */
            lines?: number;
            /** @description Hash of the policy. */
            policy: string;
            /** @description Deciders that it takes; or all parties. */
            quorum: number;
            reason: string;
            subject: string;
            title: string;
            /** @description Milliseconds since 1970. */
            toMs: number;
            /** @description Who has signed what; too few yet. */
            words: {
                account: string;
                /**
                 * @description `pay` releases it, `drop` ends it unpaid.
                 * @enum {string}
                 */
                ruling: "pay" | "drop";
            }[];
        };
        /** @description A line of one party that is held. */
        HeldLine: {
            /** @description Minor units of the currency. */
            amount: number;
            /** @description Why it is held. */
            gate: string[];
            /** @description Of the line’s statement. */
            id: string;
            key: string;
            reason: string;
            /** @description Who has signed what; too few yet. */
            words: {
                account: string;
                /**
                 * @description `pay` releases it, `drop` ends it unpaid.
                 * @enum {string}
                 */
                ruling: "pay" | "drop";
            }[];
        };
        HeldLinePage: {
            counts: {
                total: number;
            };
            items: components["schemas"]["HeldLine"][];
            /** @description Give it as `after` for the next page; absent: the last. */
            next?: string;
        };
        HeldWord: {
            /**
             * @description `waits`: more signatures are needed.
             * @enum {string}
             */
            state: "sealed" | "waits";
        };
        Ids: {
            items: {
                id: string;
                /** @enum {string} */
                kind: "decision" | "payment" | "row" | "statement";
            }[];
        };
        Intent: {
            digest: string;
            /** @description ABI encoding, 0x-hex. */
            intent: string;
        };
        JoinedAccount: {
            error?: string;
            key: string;
            /** @description Where it stands; absent where it did not join. */
            leaf?: number;
        };
        JsonRpc: {
            [key: string]: unknown;
        } | {
            [key: string]: unknown;
        }[];
        Label: {
            /** @description Milliseconds since 1970. */
            arrivalMs: number;
            /** @enum {string} */
            assessment: "right" | "wrong" | "corrected";
            by: string;
            leaf: number;
            note: string;
            /** @description Key of the row spoken of; absent: the decision itself. */
            row?: string;
            /** @description What it should have been, where corrected. */
            verdict?: string;
        };
        LineCode: {
            code: string;
            hasAccount: boolean;
            key: string;
        };
        /** @description An event of the stream; `data` comes as one line of JSON. */
        LiveEvent: {
            data: components["schemas"]["OverviewChange"];
            /** @enum {string} */
            event: "overview";
        } | {
            data: components["schemas"]["Seal"];
            /** @enum {string} */
            event: "seal";
            /** @description Give the newest as Last-Event-ID, or `since`, to go on from there. */
            id: string;
        } | {
            data: {
                quantity: string;
                subject: string;
                /** @description Milliseconds since 1970. */
                timeMs: number;
                unit: string;
                value: number | null;
            };
            /** @enum {string} */
            event: "reading";
            /** @description Give the newest as Last-Event-ID, or `since`, to go on from there. */
            id: string;
        } | {
            data: components["schemas"]["Decision"];
            /** @enum {string} */
            event: "decision";
            /** @description Give the newest as Last-Event-ID, or `since`, to go on from there. */
            id: string;
        } | {
            data: {
                agreement?: string;
                /** @description Minor units of the currency. */
                amount?: number;
                /** @description Where it was paid. */
                block?: number;
                /** @description Where it was ordered, as all that follows but the block. */
                decision?: string;
                /** @description Digest of the intent. */
                id: string;
                /** @description Milliseconds since 1970. */
                paidMs?: number;
                recipient?: string;
                /** @enum {string} */
                state: "ordered" | "announced" | "held" | "released" | "paid" | "dropped" | "expired" | "replaced";
            };
            /** @enum {string} */
            event: "payment";
            /** @description Give the newest as Last-Event-ID, or `since`, to go on from there. */
            id: string;
        } | {
            data: {
                /** @description Milliseconds since 1970. */
                atMs: number;
                /** @description Who acknowledged or resolved it. */
                by?: string;
                code: string;
                decision: string;
                domain?: string;
                note?: string;
                /** @description Where it was raised, as all that follows but `by` and `note`. */
                policy?: string;
                reason?: string;
                /** @enum {string} */
                severity?: "info" | "warning" | "critical";
                /** @enum {string} */
                status: "raised" | "acknowledged" | "resolved";
                subject?: string;
            };
            /** @enum {string} */
            event: "alert";
            /** @description Give the newest as Last-Event-ID, or `since`, to go on from there. */
            id: string;
        } | {
            data: components["schemas"]["Refusal"];
            /** @enum {string} */
            event: "refusal";
            /** @description Give the newest as Last-Event-ID, or `since`, to go on from there. */
            id: string;
        } | {
            data: {
                /** @enum {string} */
                about: "deciding" | "anchoring" | "pseudonyms" | "fault";
                /** @description Milliseconds since 1970. */
                at: number;
                message: string;
            };
            /** @enum {string} */
            event: "trouble";
            /** @description Give the newest as Last-Event-ID, or `since`, to go on from there. */
            id: string;
        } | {
            /** @description More happened than is told: ask for the lists again. */
            data: Record<string, never>;
            /** @enum {string} */
            event: "reload";
            /** @description Give the newest as Last-Event-ID, or `since`, to go on from there. */
            id: string;
        };
        Lock: {
            agreement: string;
            /** @description Of batches: what can be claimed now. */
            claimable?: number;
            /** @description Settles the agreement: acts about it are signed for this address. */
            contract: string;
            /** @description From when on what is left can be released, or claimed. */
            freeFromMs?: number;
            /** @description Minor units of the currency. */
            locked: number;
            /** @description Of batches: the account’s number in the agreement. */
            number?: number;
            /** @description Most that one obligation takes. */
            perObligation: number;
            /** @description Of batches: gained, or lost, by those settled, minor units. */
            position?: number;
            /** @description Milliseconds since 1970. */
            revokedMs?: number;
            /** @description Of the account in this agreement; or the key of its line. */
            role: string;
            title: string;
            /** @description Obligations that begin later are not covered. */
            untilMs?: number;
        };
        MappedReading: {
            quantity: string;
            /** @description Milliseconds since 1970. */
            timeMs: number;
            unit: string;
            value: number | boolean | string;
        };
        Model: {
            card?: components["schemas"]["ModelCard"];
            domain: string;
            hash: string;
            identity: components["schemas"]["ModelIdentity"];
            /** @description Can it be computed here? */
            installed: boolean;
            learnt?: {
                effect: {
                    [key: string]: number | string;
                };
                labels: number;
            };
            /** @description What was learnt or set, as the domain knows it. */
            parameters: Record<string, never>;
            /** @description Milliseconds since 1970. */
            registeredMs?: number;
            uses: components["schemas"]["ModelUse"][];
        };
        ModelCard: {
            data: string;
            licence: string;
            limits: string;
            metric: string;
            purpose: string;
            result: string;
            split: string;
        };
        /** @description How another model may take the place of the one agreed on. */
        ModelChange: {
            /** @description Roles of the parties that must have approved the model. */
            approvals: string[];
            /** @description Share of these in which it may decide otherwise, parts per million. */
            differencesMaxPpm: number;
            rollback?: {
                labelsMin: number;
                /** @description Parts per million. */
                wrongMaxPpm: number;
            };
            /** @description Obligations that it must have been tried on beside. */
            shadowsMin: number;
        };
        /** @description What a model is, by hashes of what it executes. */
        ModelIdentity: {
            code: string;
            configuration: string;
            name: string;
            runtime: string;
            version: string;
        };
        ModelUse: {
            agreement: string;
            /** @description Parties of the agreement and their newest vote. */
            approvals: {
                name: string;
                role: string;
                /** @enum {string} */
                vote?: "approve" | "reject" | "named in the terms";
            }[];
            currency: string;
            drift?: components["schemas"]["Drift"];
            heard?: {
                labels: number;
                wrong: number;
            };
            /** @enum {string} */
            role: "active" | "shadow" | "previous" | "proposed";
            rule?: components["schemas"]["ModelChange"];
            /** @description Milliseconds since 1970. */
            sinceMs?: number;
            title: string;
            trial?: components["schemas"]["Trial"];
        };
        Monitor: {
            /** @description End of the newest obligation decided; absent: none yet. */
            decidedUntilMs?: number;
            /** @description It was ended: obligations that begin then or later do not arise; `by` is a role. */
            end?: {
                by?: string;
                /** @description Milliseconds since 1970. */
                fromMs: number;
                leaf: number;
                reason: string;
            };
            /** @description Of the policy: what decisions name. */
            hash: string;
            held: number;
            leaf: number;
            /** @description Milliseconds since 1970. */
            loggedMs: number;
            /** @description Hash of the model that decides now. */
            model: string;
            policy: components["schemas"]["MonitorTerms"];
            /** @description Why it cannot be decided now. */
            problem?: string;
            /** @enum {string} */
            standing: "not-begun" | "in-force" | "ended" | "replaced";
            /** @description When its obligations arise; empty where its domain is not installed. */
            triggers: components["schemas"]["Trigger"][];
            /** @description Decisions under it, by the domain’s word. */
            verdicts: {
                [key: string]: number;
            };
        };
        MonitorTerms: {
            correctableMs?: number;
            currency?: string;
            deciders: {
                list: {
                    key: string;
                }[];
            };
            domain: string;
            gate: {
                /** @enum {string} */
                classMin: "hardware" | "software" | "gateway" | "imported" | "simulated";
                heartbeat: string;
                heartbeatGapMsMax: number;
                /** @description How long in the period may be held because nothing could come in. Absent: without end. */
                outageAllowanceMs?: number;
                ownersMin: number;
                /** @description Ways in that must have been open. Absent: all. */
                waysIn?: string[];
            };
            model: components["schemas"]["ModelIdentity"];
            network: string;
            /** @description Logs in which statements count, by origin. */
            origins: string[];
            period: {
                /** @description Milliseconds since 1970. */
                endMs: number;
                /** @description Milliseconds since 1970. */
                startMs: number;
            };
            plausibility?: components["schemas"]["Plausibility"];
            /** @description Hash of the monitor that ends where this one starts. */
            replaces?: string;
            /** @description Id of the agreement beside which a model is tried. */
            shadows?: string;
            subject: string;
            /** @description As the schema of the domain says. */
            terms?: unknown;
            title: string;
            /** @enum {string} */
            trine: "monitor/1";
            zones?: {
                hash: string;
                release: string;
            };
        };
        MqttUser: {
            /** @description Of the user: without / + #. */
            name: string;
            /** @description Topic filters (MQTT 3.1.1 §4.7) that it may publish to. */
            publish: string[];
            /** @description Topic filters that it may subscribe to, or to parts of. */
            subscribe: string[];
        };
        MqttUserAdded: {
            /** @description Of the user: without / + #. */
            name: string;
            /** @description Shown once: the node keeps a hash of it. */
            password: string;
            /** @description Topic filters (MQTT 3.1.1 §4.7) that it may publish to. */
            publish: string[];
            /** @description Topic filters that it may subscribe to, or to parts of. */
            subscribe: string[];
        };
        /** @description Who the members are, which logs and contracts count: what a verifier pins. */
        Network: {
            chain: {
                accounts: string;
                batch: string;
                checkpoints: string;
                direct: string;
                id: number;
                /** @enum {string} */
                kind: "practice" | "evm";
                registry: string;
                terms: string;
                tokens: {
                    address: string;
                    currency: string;
                    decimals: number;
                }[];
            };
            founded: string;
            id: string;
            members: {
                address: string;
                key: string;
                logs: {
                    origin: string;
                    vkey: string;
                }[];
                name: string;
            }[];
            name: string;
            quorum: number;
            /** @enum {string} */
            trine: "network/1";
            /** @description SHA-256 of the verifier that the founder hands out. */
            verifier?: string;
        };
        Overview: {
            bridged: {
                /** @description Messages whose time was missing or none. */
                datedByArrival: number;
                /** @description Why the last one was refused. */
                last?: string;
                lastDated?: string;
                lastUndated?: string;
                /** @description Values that said that there is none. */
                noValue: number;
                /** @description What gave no reading of plain messages. */
                refused: number;
                /** @description Messages that came a second time: passed over. */
                repeated: number;
                /** @description Messages that a broker had kept and that have no time of their own: they are no readings. */
                undated: number;
            };
            chain: {
                isolation: string;
                kind: string;
            };
            connectors: {
                accepted: number;
                /** @description Things that wait for somebody who accepts them. */
                found: number;
                /** @description Messages that connectors looked at, since the start. */
                heard: number;
                /** @description Messages of connectors that gave no reading, or not all. */
                refused: number;
                /** @description Messages that nothing reads. */
                unread: number;
            };
            deviceIntervalMs: number;
            /** @description Errors that nobody expected, since the start. */
            faults: number;
            ingest: {
                duplicates: number;
                queued: number;
                refused: {
                    [key: string]: number;
                };
                sealed: number;
            };
            log: {
                checkpointSize: number;
                origin: string;
                size: number;
                /** @description Leaves that this release could not read: passed over. */
                unreadable: number;
                vkey: string;
            };
            /** @description Address of the broker that readings come through. */
            mqtt: string;
            network: {
                id: string;
                name: string;
            };
            ownDevice?: {
                paused: boolean;
                subject: string;
            };
            /** @description A practice chain: its payments are practice money. */
            practice: boolean;
            /** @description The first of `problems`, in words. */
            problem?: string;
            /** @description What is wrong now. */
            problems: components["schemas"]["HealthProblem"][];
            /** @description Things that are silent, or without a usable value. */
            silent: number;
            /** @description Milliseconds since 1970. */
            startedMs: number;
            /** @description What the node itself speaks as: its heartbeat. */
            subject: string;
            transports: {
                address: string;
                connected: boolean;
                name: string;
                reason?: string;
                /** @description Milliseconds since 1970. */
                sinceMs: number;
            }[];
            /** @description Policies that cannot be decided now. */
            undecidable: number;
            version: string;
        };
        /** @description Members of the overview that changed; null: there is none any more. */
        OverviewChange: {
            bridged?: {
                /** @description Messages whose time was missing or none. */
                datedByArrival: number;
                /** @description Why the last one was refused. */
                last?: string;
                lastDated?: string;
                lastUndated?: string;
                /** @description Values that said that there is none. */
                noValue: number;
                /** @description What gave no reading of plain messages. */
                refused: number;
                /** @description Messages that came a second time: passed over. */
                repeated: number;
                /** @description Messages that a broker had kept and that have no time of their own: they are no readings. */
                undated: number;
            } | null;
            chain?: {
                isolation: string;
                kind: string;
            } | null;
            connectors?: {
                accepted: number;
                /** @description Things that wait for somebody who accepts them. */
                found: number;
                /** @description Messages that connectors looked at, since the start. */
                heard: number;
                /** @description Messages of connectors that gave no reading, or not all. */
                refused: number;
                /** @description Messages that nothing reads. */
                unread: number;
            } | null;
            deviceIntervalMs?: number | null;
            /** @description Errors that nobody expected, since the start. */
            faults?: number | null;
            ingest?: {
                duplicates: number;
                queued: number;
                refused: {
                    [key: string]: number;
                };
                sealed: number;
            } | null;
            log?: {
                checkpointSize: number;
                origin: string;
                size: number;
                /** @description Leaves that this release could not read: passed over. */
                unreadable: number;
                vkey: string;
            } | null;
            /** @description Address of the broker that readings come through. */
            mqtt?: string | null;
            network?: {
                id: string;
                name: string;
            } | null;
            ownDevice?: {
                paused: boolean;
                subject: string;
            } | null;
            /** @description A practice chain: its payments are practice money. */
            practice?: boolean | null;
            /** @description The first of `problems`, in words. */
            problem?: string | null;
            /** @description What is wrong now. */
            problems?: components["schemas"]["HealthProblem"][] | null;
            /** @description Things that are silent, or without a usable value. */
            silent?: number | null;
            /** @description Milliseconds since 1970. */
            startedMs?: number | null;
            /** @description What the node itself speaks as: its heartbeat. */
            subject?: string | null;
            transports?: {
                address: string;
                connected: boolean;
                name: string;
                reason?: string;
                /** @description Milliseconds since 1970. */
                sinceMs: number;
            }[] | null;
            /** @description Policies that cannot be decided now. */
            undecidable?: number | null;
            version?: string | null;
        };
        Payment: {
            agreement: string;
            /** @description Of a batch: what the lines of its decision that pay order in all; of a later one, for lines that waited, 0. */
            amount: number;
            block?: number;
            /** @description Of a batch that is asked for alone: the open ones first, at most 1,000. */
            contests?: components["schemas"]["Contest"][];
            course?: components["schemas"]["Course"];
            currency: string;
            decision: string;
            domain: string;
            /** @description Milliseconds since 1970. */
            fromMs: number;
            /** @description Digest of the intent. */
            id: string;
            /** @description Settled in a batch, with others. */
            isBatch: boolean;
            obligation: string;
            /** @description Milliseconds since 1970. */
            paidMs?: number;
            policy: string;
            reason: string;
            /** @description Its address on the chain; several with commas between; empty of a batch, and where nothing is due any more. */
            recipient: string;
            /** @description Replaced or expired, of one payment alone: the order in its place, once there is one. */
            replacedBy?: string;
            /**
             * @description Ordered; announced: it can be disputed; held: it is; released: to be paid at once; paid; dropped: never paid, by a ruling or as the terms say; expired: not paid in time, and ordered anew once it can be paid; replaced: a later order took its place, or it was to take that of one that was paid before.
             * @enum {string}
             */
            state: "ordered" | "announced" | "held" | "released" | "paid" | "dropped" | "expired" | "replaced";
            subject: string;
            /** @description Milliseconds since 1970. */
            toMs: number;
            /** @description Hash of the transaction that paid it, hex. */
            transaction?: string;
        };
        PaymentPage: {
            counts: {
                /** @description The same by agreement and month (`YYYY-MM`, UTC) in which the obligation ended, newest first, under the whole filter; at most 1,000. */
                months: {
                    agreement: string;
                    /** @description Minor units of the currency. */
                    amount: number;
                    count: number;
                    currency: string;
                    month: string;
                    /** @enum {string} */
                    state: "ordered" | "announced" | "held" | "released" | "paid" | "dropped" | "expired" | "replaced";
                }[];
                /** @description Number and sum by state and currency, under the filter but for `state`. */
                states: {
                    /** @description Minor units of the currency. */
                    amount: number;
                    count: number;
                    currency: string;
                    /** @enum {string} */
                    state: "ordered" | "announced" | "held" | "released" | "paid" | "dropped" | "expired" | "replaced";
                }[];
                /** @description Payments that the whole filter lets through. */
                total: number;
            };
            items: components["schemas"]["Payment"][];
            /** @description Give it as `after` for the next page; absent: the last. */
            next?: string;
        };
        Plausibility: {
            balances: {
                inflows: string[];
                outflows: string[];
                quantity: string;
                /** @description Thousandths of the unit. */
                toleranceMilli: number;
                /** @description Parts per million. */
                tolerancePpm: number;
            }[];
            neighbours: {
                peers: string[];
                peersMin: number;
                quantity: string;
                /** @description Thousandths of the unit. */
                toleranceMilli: number;
            }[];
            ranges: {
                /** @description Thousandths of the unit. */
                changeMilliPerSMax?: number;
                /** @description Thousandths of the unit. */
                maxMilli: number;
                /** @description Thousandths of the unit. */
                minMilli: number;
                quantity: string;
            }[];
            /** @description Parts per million. */
            trustMinPpm: number;
        };
        /** @description The one family of errors: docs/reference/errors.md. */
        Problem: {
            /** @enum {string} */
            code: "too-large" | "too-deep" | "malformed" | "unsupported-version" | "unknown-kind" | "wrong-network" | "unknown-key" | "revoked-key" | "not-permitted" | "bad-signature" | "bad-commitment" | "missing-body" | "absurd-time" | "wrong-unit" | "bad-value" | "out-of-limits" | "too-many-quantities" | "rate-limited" | "overloaded" | "invalid" | "unauthorised" | "forbidden" | "not-found" | "not-yet" | "ambiguous" | "conflict" | "in-use" | "erased" | "refused" | "not-proven" | "not-checked" | "damaged" | "internal" | "unsupported" | "busy" | "unavailable" | "stopped" | "timed-out";
            /** @description Where the code is explained, from the root of the project. */
            docs: string;
            /** @description What to do, or what was expected and what was found. */
            error: string;
            facts: {
                [key: string]: string | number | boolean;
            };
            /**
             * @description `later`: the same call may succeed in a while.
             * @enum {string}
             */
            retry: "never" | "later";
            status: number;
        };
        Proposal: {
            /** @description Its id on the chain, which each party signs; absent while an account is missing. */
            agreement?: string;
            draft: components["schemas"]["DraftTerms"];
            id: string;
            /** @description What to hand to each party: a page of the console. */
            links: {
                path: string;
                role: string;
            }[];
            /** @description Milliseconds since 1970. */
            madeMs: number;
            parties: {
                /** @description Absent: the party has yet to make its key. */
                address?: string;
                name: string;
                role: string;
                /** @description Milliseconds since 1970. */
                signedMs?: number;
            }[];
            /** @description Its hash, once it is sealed. */
            policy?: string;
            /** @enum {string} */
            state: "open" | "signed" | "sealed" | "withdrawn";
        };
        Pseudonym: {
            /** @description Whether it may still speak. */
            isLive: boolean;
            /** @description did:key; absent where a crash came before it was let in. */
            key?: string;
            subject: string;
        };
        /** @description How often a thing speaks with a usable value. A proposal: nothing rests on it. */
        Rate: {
            /** @description Milliseconds since 1970. */
            fromMs?: number;
            /** @description How many to agree on as due: four fifths, at least 1; absent: it never said anything usable. */
            proposed?: number;
            subject: string;
            /** @description Milliseconds since 1970. */
            toMs?: number;
            /** @description Median of the statements with a usable value in one of them; absent: there is no whole one. */
            usual?: number;
            windowMs: number;
            /** @description Whole windows of its past that were looked at, silent ones among them. */
            windows: number;
            /** @description The same in words, for whoever is asked to agree. */
            words: string;
        };
        Reading: {
            leaf: number;
            quantity: string;
            stream: number;
            /** @description Milliseconds since 1970. */
            timeMs: number;
            unit: string;
            value: number | string;
        };
        ReadingPage: {
            counts: {
                total: number;
            };
            items: components["schemas"]["Reading"][];
            /** @description Give it as `after` for the next page; absent: the last. */
            next?: string;
        };
        Recovered: {
            /** @description In which the sequence goes on. */
            epoch: number;
            /** @description From here on what was said before is no value. */
            from: {
                epoch: number;
                seq: number;
            };
            key: string;
            keyOwner: string;
            leaf: number;
            revoked: string[];
        };
        Refusal: {
            /** @description Milliseconds since 1970. */
            at: number;
            message: string;
            reason: string;
            source: string;
        };
        /** @description One party’s line of a decision over many. */
        Row: {
            /** @description Minor units of the currency. */
            amount: number;
            /** @description It pays, and goes into no batch yet: what it waits for, in words. */
            awaits?: string;
            /** @description Held, and released (`pay`) or dropped by hand: by whom, in words, and why. */
            byHand?: {
                by: string;
                reason: string;
                /** @enum {string} */
                ruling: "pay" | "drop";
            };
            entries: components["schemas"]["Entry"][];
            facts: {
                [key: string]: number | string;
            };
            gate: string[];
            id: string;
            key: string;
            leaf: number;
            /** @enum {string} */
            outcome: "none" | "pay" | "hold" | "advice";
            reason: string;
            verdict: string;
        };
        RowPage: {
            counts: {
                total: number;
            };
            items: components["schemas"]["Row"][];
            /** @description Give it as `after` for the next page; absent: the last. */
            next?: string;
        };
        /** @description A statement as it was sealed. */
        Seal: {
            /** @description Milliseconds since 1970. */
            arrivalMs: number;
            class: string;
            /** @description What is remarkable about its place in the sequence. */
            flag?: string;
            id: string;
            kind: string;
            leaf: number;
            readings: number;
            subject: string;
        };
        SealPage: {
            counts: {
                total: number;
            };
            items: components["schemas"]["Seal"][];
            /** @description Give it as `after` for the next page; absent: the last. */
            next?: string;
        };
        /** @description Empty where there is none. */
        SequenceHead: {
            epoch?: number;
            flags?: {
                [key: string]: number;
            };
            /** @description A fork or a clone that stands: the first doubtful place, and the heads of its sides. */
            fork?: {
                from: {
                    epoch: number;
                    seq: number;
                };
                heads: string[];
            };
            id?: string;
            seq?: number;
        };
        /** @description A stream over time in buckets; the arrays are of one length. */
        Series: {
            /** @description Length of a bucket. */
            bucketMs: number;
            /** @description Readings in the bucket; 0 in a silence. */
            count: number[];
            /** @description Milliseconds since 1970. */
            fromMs: number;
            /** @description Silences: much longer than usual without a reading. No line belongs across them. */
            gaps: {
                /** @description Milliseconds since 1970. */
                fromMs: number;
                /** @description Milliseconds since 1970. */
                toMs: number;
            }[];
            high: (number | null)[];
            /** @description Of the last reading of the bucket: ask proof for it. */
            leaf: (number | null)[];
            low: (number | null)[];
            mean: (number | null)[];
            stream: number;
            /** @description Of the first reading of each bucket that has any; and one time within each silence, for which all else is null. */
            timeMs: number[];
            /** @description Milliseconds since 1970. */
            toMs: number;
            /** @description Usual time between two readings, over the newest of the range; absent: too few. */
            usualMs?: number;
        };
        /** @description A proposal, as one of its parties sees it. */
        Signing: {
            account?: components["schemas"]["Account"];
            /** @description Its id on the chain, which each party signs; absent while an account is missing. */
            agreement?: string;
            /** @description Digits of the minor unit of the token. */
            decimals: number;
            /** @description Title of the domain. */
            domain: string;
            draft: components["schemas"]["DraftTerms"];
            /** @description It was ended: nothing that begins then or later is owed; `by` is a role. */
            end?: {
                by?: string;
                /** @description Milliseconds since 1970. */
                fromMs: number;
                reason: string;
            };
            /** @description JSON Schema (2020-12) of the terms, for their words. */
            form: Record<string, never>;
            id: string;
            /** @description Test money on a test network. */
            isPractice: boolean;
            /** @description Milliseconds since 1970. */
            madeMs: number;
            parties: {
                /** @description Absent: the party has yet to make its key. */
                address?: string;
                name: string;
                role: string;
                /** @description Milliseconds since 1970. */
                signedMs?: number;
            }[];
            /** @description Its hash, once it is sealed. */
            policy?: string;
            /** @description Of whoever asks. */
            role: string;
            /** @enum {string} */
            state: "open" | "signed" | "sealed" | "withdrawn";
        };
        Silence: {
            /** @enum {string} */
            code: "silent" | "no-value";
            reason: string;
            /** @description When it came last with a usable value. */
            sinceMs: number;
            subject: string;
            /** @description How long it is usually quiet; absent: not known. */
            usualMs?: number;
        };
        Silences: {
            /** @description What is so of all of them: nothing can come in, or most are silent. */
            common?: {
                reason: string;
                /** @description Milliseconds since 1970. */
                sinceMs: number;
            };
            items: components["schemas"]["Silence"][];
            /** @description Statements of things that are not, because there are too many. */
            left: number;
            /** @description How many are silent or without a usable value. */
            total: number;
            /** @description How many things are listened for. */
            watched: number;
        };
        SimulatedHouse: {
            /** @description Milliseconds since 1970. */
            untilMs?: number;
        };
        /** @description A quantity of a thing, with its newest value. */
        Stream: {
            /** @description Milliseconds since 1970. */
            lastMs?: number;
            lastValue?: number;
            quantity: string;
            readings: number;
            stream: number;
            subject: string;
            unit: string;
        };
        Totals: {
            /** @description Decisions under monitors: no money depends on them. */
            advice: number;
            /** @description Under agreements; what was replaced or corrected counts with it. */
            decisions: number;
            /** @description And not replaced since. */
            held: number;
            ordered: number;
            paid: number;
            /** @description Under agreements and not held. */
            verdicts: {
                count: number;
                domain: string;
                verdict: string;
            }[];
        };
        /** @description Beside the one in force, where it is tried. */
        Trial: {
            /** @description Minor units of the currency. */
            amountActive: number;
            /** @description Minor units of the currency. */
            amountShadow: number;
            /** @description Of these: other verdict or other amount. */
            differences: number;
            /** @description Differences where people hold the model beside right. */
            excused: number;
            labels: number;
            /** @description That both decided, since the model was put beside. */
            obligations: number;
            rightActive: number;
            rightShadow: number;
        };
        TriedMessage: {
            found: {
                id: string;
                kind: string;
                mappings: {
                    [key: string]: unknown;
                }[];
                name: string;
            }[];
            noValue: number;
            packs: {
                /** @description Why it is dated by its arrival. */
                arrival?: string;
                /** @description Hash of the mapping that reads it. */
                mapping: string;
                name?: string;
                readings: components["schemas"]["MappedReading"][];
                subject: string;
            }[];
            refused: string[];
            undated?: string;
        };
        /** @description What of a trigger is data. */
        Trigger: {
            graceMs: number;
            lengthMs?: number;
            name: string;
            /** @enum {string} */
            on: "window" | "calendar" | "session" | "event" | "deadline" | "demand";
            period?: string;
            /** @description Milliseconds since 1970. */
            startMs?: number;
            timeZone?: string;
        };
        UnreadMessages: {
            refused: {
                by: string;
                /** @description Milliseconds since 1970. */
                ms: number;
                payload: string;
                topic: string;
                why: string;
            }[];
            topics: {
                /** @description Milliseconds since 1970. */
                lastMs: number;
                messages: number;
                payload: string;
                topic: string;
            }[];
            /** @description Messages that nothing reads, since the start. */
            unread: number;
        };
        UnsignedIntent: {
            decision: string;
            digest: string;
            /** @description As the contract has it (EIP-712). */
            intent: {
                [key: string]: unknown;
            };
            quorum: number;
            /** @description Of a batch: its rows as they are to be published, 12 bytes each, 0x-hex. */
            rows?: string;
            signatures: number;
        };
        WhatIf: {
            alike: number;
            /** @description Minor units of the currency. */
            amountAfter: number;
            /** @description Minor units of the currency. */
            amountBefore: number;
            /** @description Obligations that were decided and could be decided again. */
            compared: number;
            currency: string;
            differing: {
                after?: components["schemas"]["Decided"];
                before?: components["schemas"]["Decided"];
                /** @description Milliseconds since 1970. */
                fromMs: number;
                id: string;
                isSame: boolean;
                problem?: string;
                /** @description Milliseconds since 1970. */
                toMs: number;
            }[];
            notComputed: number;
            /** @description Why not computed: how many for each reason. */
            problems: {
                [key: string]: number;
            };
            /** @description Amounts added up from the first obligation on. */
            series: {
                after: number[];
                before: number[];
                timeMs: number[];
            };
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
