/** An id or a slug of the portal: it becomes a part of a path. */
export const REFERENCE = /^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u

const ID = /^[0-9a-f]{24}$/i

/** Whether a reference is an id (24 hexadecimal digits); ids never change, slugs do. */
export const isId = (reference: string): boolean => ID.test(reference)
