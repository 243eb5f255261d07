import { redirect } from "next/navigation";
import { currentUser } from "@/app/_data/session";
import { Forbidden } from "./forbidden";

type Role = "moderator" | "admin";

/** Each may do what those before it may. The handlers of the API decide; here it is only about what is shown. */
const roles = ["user", "researcher", "moderator", "admin"];

/**
 * Stands around every page of the console: nobody signed in is led to the sign-in, an account without the role is told so.
 * The data behind the page asks again by itself (`/api/admin`).
 */
export async function RequireRole({
  least,
  path,
  children,
}: {
  least: Role;
  path: string;
  children: React.ReactNode;
}) {
  const user = await currentUser();
  if (user === null) redirect(`/sign-in?next=${encodeURIComponent(path)}`);
  return roles.indexOf(user.role) >= roles.indexOf(least) ? children : <Forbidden />;
}
