"use client";

import { useTranslations } from "next-intl";
import { accountApi } from "@/app/_account/account-api";
import type { Provider } from "@/app/_account/provider-buttons";
import { useLoaded } from "@/app/_hooks/use-loaded";
import { Skeleton } from "@/app/_ui/skeleton";
import { DeleteAccount } from "./delete-account";
import { LoadFailed } from "./load-failed";
import { Logins } from "./logins";
import { PasswordForm } from "./password-form";
import { ProfileForm } from "./profile-form";
import { Sessions } from "./sessions";
import { SignOut } from "./sign-out";

type AccountPageProps = { offered: readonly Provider[]; hasLinkFailed: boolean };

/** Who one is here, how one gets in, where one is signed in, and the way out. */
export function AccountPage({ offered, hasLinkFailed }: AccountPageProps) {
  const t = useTranslations("account");
  const { value: account, error, set, reload } = useLoaded(accountApi.account);
  if (error !== null) return <LoadFailed error={error} onRetry={reload} />;
  if (account === null) return <Skeleton label={t("loading")} />;
  return (
    <div className="mt-6 grid gap-x-16 gap-y-10 md:grid-cols-2">
      <div className="flex min-w-0 flex-col gap-10">
        <ProfileForm account={account} onChange={set} />
        <PasswordForm account={account} onChange={reload} />
        {offered.length === 0 && account.providers.length === 0 ? null : (
          <Logins account={account} offered={offered} hasLinkFailed={hasLinkFailed} onChange={set} />
        )}
      </div>
      <div className="flex min-w-0 flex-col gap-10">
        <Sessions />
        <SignOut />
        <DeleteAccount account={account} />
      </div>
    </div>
  );
}
