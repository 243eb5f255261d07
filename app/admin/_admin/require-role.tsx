import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { getServices } from "@/lib/server/services";
import { Forbidden } from "./forbidden";

type Role = "moderator" | "admin";

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
  const cookie = (await headers()).get("cookie") ?? undefined;
  const { user, isAllowed } = await getServices().sessions.access(cookie, least);
  if (user === null) redirect(`/sign-in?next=${encodeURIComponent(path)}`);
  return isAllowed ? children : <Forbidden />;
}
