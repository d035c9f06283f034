export * from "./database/database.ts"
export * from "./database/sql.ts"
