import { headers } from "next/headers";
import { getServices } from "@/lib/server/services";

/** Who is signed in; null: nobody. Errors: `database_unavailable`. */
export async function currentUser() {
  // First: it tells Next that the page is made for each request.
  const cookie = (await headers()).get("cookie") ?? undefined;
  return getServices().accounts.session(cookie);
}

/** The same for the frame of every page, which must stand without a database too. */
export async function currentUserOrNobody() {
  try {
    return await currentUser();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "database_unavailable") return null;
    throw error;
  }
}

/** Who may make an account, and where else one may sign in. */
export async function signInOptions() {
  await headers();
  return getServices().accounts.options();
}
