import { afterEach } from "vitest";
import { removeScratch } from "./scratch.ts";

afterEach(removeScratch);
