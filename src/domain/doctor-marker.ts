/**
 * Author email of the commits that `doctor` makes to try the guard. It marks them as nobody's work:
 * `recover` skips them. `.invalid` can never be a real address (RFC 2606).
 */
export const DOCTOR_EMAIL = "doctor@bulkhead.invalid";
