import type postgres from "postgres";

/** What there is of each kind, one line or paragraph each, in a stable order. */
const PARTS: readonly (readonly [title: string, sql: string])[] = [
  [
    "columns",
    `SELECT table_name || '.' || column_name || ' ' || data_type || CASE WHEN is_nullable = 'NO' THEN ' NOT NULL' ELSE '' END
       || COALESCE(' DEFAULT ' || column_default, '') || CASE WHEN is_identity = 'YES' THEN ' IDENTITY' ELSE '' END AS line
     FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position`,
  ],
  [
    "constraints",
    `SELECT conrelid::regclass || ': ' || conname || ' ' || pg_get_constraintdef(oid) AS line FROM pg_constraint
     WHERE connamespace = 'public'::regnamespace AND contype <> 'n' ORDER BY 1`,
  ],
  ["indexes", "SELECT indexdef AS line FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname"],
  [
    "triggers",
    `SELECT pg_get_triggerdef(oid) AS line FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgrelid::regclass::text, tgname`,
  ],
  [
    "functions",
    `SELECT oid::regprocedure || ' returns ' || pg_get_function_result(oid) || CASE WHEN prosecdef THEN ' SECURITY DEFINER' ELSE '' END
       || COALESCE(' SET ' || array_to_string(proconfig, ', '), '') AS line
     FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1`,
  ],
  [
    "policies",
    `SELECT tablename || ': ' || policyname || ' FOR ' || cmd || ' TO ' || array_to_string(roles, ', ') || COALESCE(' USING ' || qual, '')
       || COALESCE(' CHECK ' || with_check, '') AS line FROM pg_policies WHERE schemaname = 'public' ORDER BY 1`,
  ],
  [
    "views",
    `SELECT viewname || ' AS' || E'\\n' || regexp_replace(definition, '(claude_sessions|bulkhead_metrics)[.]', '', 'g') AS line FROM pg_views WHERE schemaname = 'public' ORDER BY viewname`,
  ],
];

/** The schema of the team's database as text: kept in the repository beside the migrations. */
export async function dumpTeamSchema(sql: postgres.Sql): Promise<string> {
  const parts: string[] = [];
  for (const [title, text] of PARTS) {
    const rows = await sql.unsafe(text);
    parts.push([`-- ${title}`, ...rows.map((row) => String(row.line))].join("\n"));
  }
  return `${parts.join("\n\n")}\n`;
}
