import { expect, test } from "vitest";
import { createParties, type Document } from "./session-ground.ts";

test("the gate lets the holder through, and whoever comes when nobody is there", async () => {
  const { clone, a, b } = createParties();
  expect(a.json("gate", "X-1")).toMatchObject({ exitCode: 0, json: { passed: true, claim: "free" } });
  a.run("start", "X-1");
  expect(a.json("gate", "X-1")).toMatchObject({ exitCode: 0, json: { claim: "own" } });
  expect(b.json("gate", "X-1")).toMatchObject({
    exitCode: 1,
    json: { error: { code: "GATE_MULTI_SESSION_CLAIM_CONFLICT", data: { hostname: expect.any(String) } } },
  });
  clone.git("config", "bulkhead.gateIdentity", "host");
  expect(b.json("gate", "X-1")).toMatchObject({ exitCode: 0, json: { claim: "same_host" } });
  clone.git("config", "--unset", "bulkhead.gateIdentity");
  await a.kill();
  expect(b.json("gate", "X-1")).toMatchObject({ exitCode: 0, json: { claim: "abandoned" } });
});

test("a failed handoff shuts the gate until a retry passes; one of another type does not open it", () => {
  const { a, b } = createParties();
  a.run("start", "X-1");
  const add = (type: string, status: string, ...rest: string[]) =>
    a.json("handoff", "add", "X-1", "--type", type, "--status", status, ...rest);
  const { json: failed } = add("PLAN-TO-EXEC", "rejected", "--reason", "tests are red");
  expect(failed).toMatchObject({ status: "rejected", hours_blocked: 0, rejection_reason: "tests are red" });
  expect(a.json("gate", "X-1")).toMatchObject({ exitCode: 1, json: { error: { code: "HANDOFFS_UNRESOLVED" } } });
  expect(add("EXEC-TO-VERIFY", "accepted").json.error?.code).toBe("HANDOFFS_UNRESOLVED");
  expect(b.json("handoff", "add", "X-1", "--type", "PLAN-TO-EXEC", "--status", "accepted").exitCode).toBe(1);
  expect(add("PLAN-TO-EXEC", "accepted").json.resolved).toEqual([failed.id]);
  expect(a.json("gate", "X-1").exitCode).toBe(0);
  const { handoffs } = a.json("handoff", "list", "X-1").json as { handoffs?: Document[] };
  expect(handoffs).toMatchObject([{ resolution_type: "retry_succeeded", hours_blocked: null }, { status: "accepted" }]);
});

test("handoffs are resolved by hand, by the start of their id; notes alone resolve nothing", () => {
  const { clone, a } = createParties();
  const add = (type: string) =>
    String(a.json("handoff", "add", "X-1", "--type", type, "--status", "failed").json.id).slice(0, 8);
  const id = add("LEAD-TO-PLAN");
  const unresolved = () => clone.bulkhead(["handoff", "list", "--unresolved"]).stdout;
  expect(clone.bulkhead(["handoff", "resolve", id, "--notes", "asked Ada"]).stdout).toContain(
    "still stands in the way",
  );
  expect(unresolved()).toContain("asked Ada");
  expect(unresolved()).toContain("0.0 h");
  expect(clone.bulkheadJson(["handoff", "resolve", id, "--as", "obsolete"])).toMatchObject({
    exitCode: 0,
    json: { resolution_type: "obsolete", resolution_notes: "asked Ada", hours_blocked: null },
  });
  expect(unresolved()).toContain("No handoffs.");
  expect(clone.bulkheadJson<Document>(["handoff", "resolve", "nope", "--as", "obsolete"]).json.error?.code).toBe(
    "HANDOFF_NOT_FOUND",
  );
  expect(clone.bulkhead(["handoff", "add", "X-1", "--type", "P", "--status", "acepted"]).stderr).toContain(
    "Did you mean 'accepted'?",
  );
  expect(clone.bulkhead(["handoff", "list", "--status", "failed"]).exitCode).toBe(2);
});
