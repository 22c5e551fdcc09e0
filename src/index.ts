/** Public library API. */
export { BulkheadError } from "./domain/error.ts";
