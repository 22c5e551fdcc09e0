import { shipParts } from "./commands/ship-parts.ts";
import { ShippingExecutor as Executor, type ShippingContext } from "./ship/shipping-executor.ts";

/** Ships from a program as `bulkhead ship` does, with the clone's sessions and settings. */
export class ShippingExecutor extends Executor {
  constructor(context: ShippingContext) {
    super(
      context,
      shipParts(context.env ?? process.env, () => {}),
    );
  }
}
