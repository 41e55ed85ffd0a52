/** Version of the program, as in deno.json (a test holds them equal); written into every model that it trains. */
export const VERSION = "0.1.0";
