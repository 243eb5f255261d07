"use client";

import { Ban, Ellipsis, KeyRound, LogOut, Play, UserCog, UserPlus } from "lucide-react";
import { useTranslations } from "next-intl";
import { parseAsString, useQueryStates } from "nuqs";
import { useState } from "react";
import type { Action } from "@/app/_ui/action-menu";
import { ActionMenuButton } from "@/app/_ui/action-menu-button";
import { Badge } from "@/app/_ui/badge";
import { Button } from "@/app/_ui/button";
import { Actions, ActionsHead, ConsoleTable, Head, RowName, Td } from "@/app/admin/_admin/console-table";
import { Empty } from "@/app/admin/_admin/empty";
import { SelectField, TextField } from "@/app/admin/_admin/fields";
import { Loaded } from "@/app/admin/_admin/loading";
import { PageHead } from "@/app/admin/_admin/page-head";
import { Pager } from "@/app/admin/_admin/pager";
import { useConsoleData } from "@/app/admin/_admin/use-console";
import { useDay } from "@/app/admin/_admin/use-moment";
import { usePages } from "@/app/admin/_admin/use-pages";
import { type Person, peopleSchema } from "@/lib/protocol";
import { InviteDialog } from "./invite-dialog";
import { type PersonDeed, PersonDialog } from "./person-dialog";
import { roles } from "./roles";

export function PeoplePage() {
  const t = useTranslations("admin.people");
  const [filters, setFilters] = useQueryStates({
    query: parseAsString.withDefault(""),
    role: parseAsString.withDefault(""),
  });
  const pages = usePages();
  const query = new URLSearchParams({ ...filters, ...pages.query });
  const people = useConsoleData(`/api/admin/people?${query}`, peopleSchema);
  const [isInviting, setInviting] = useState(false);
  const [asked, setAsked] = useState<{ deed: PersonDeed; person: Person } | null>(null);
  const change = (next: Partial<typeof filters>) => {
    pages.toNewest();
    void setFilters(next);
  };
  return (
    <>
      <PageHead
        title={t("title")}
        lead={t("lead")}
        actions={
          <Button variant="primary" onClick={() => setInviting(true)}>
            <UserPlus size={16} aria-hidden="true" />
            {t("invite")}
          </Button>
        }
      />
      <div className="mb-4 grid max-w-[640px] grid-cols-1 gap-3 sm:grid-cols-2">
        <TextField
          label={t("find")}
          hint={t("findHint")}
          value={filters.query}
          onChange={(text) => change({ query: text })}
        />
        <SelectField
          label={t("role")}
          value={filters.role}
          choices={[
            { value: "", label: t("anyRole") },
            ...roles.map((value) => ({ value, label: t(`roles.${value}`) })),
          ]}
          onChange={(role) => change({ role })}
        />
      </div>
      <Loaded from={people}>
        {({ people: rows, next }) =>
          rows.length === 0 ? (
            <Empty>{t("empty")}</Empty>
          ) : (
            <>
              <PeopleTable rows={rows} onAsk={(deed, person) => setAsked({ deed, person })} />
              <Pager pages={pages} next={next} />
            </>
          )
        }
      </Loaded>
      {isInviting ? <InviteDialog onClose={() => setInviting(false)} /> : null}
      {asked === null ? null : (
        <PersonDialog
          deed={asked.deed}
          person={asked.person}
          onClose={() => setAsked(null)}
          onDone={people.reload}
        />
      )}
    </>
  );
}

const icons = { role: UserCog, disable: Ban, enable: Play, end: LogOut, reset: KeyRound } as const;

type PeopleTableProps = { rows: readonly Person[]; onAsk: (deed: PersonDeed, person: Person) => void };

function PeopleTable({ rows, onAsk }: PeopleTableProps) {
  const t = useTranslations("admin.people");
  const tAdmin = useTranslations("admin");
  const day = useDay();
  const actionsFor = (person: Person): Action[] => {
    const deeds: PersonDeed[] =
      person.disabledAt === null ? ["role", "end", "reset", "disable"] : ["role", "enable"];
    return deeds.map((deed) => {
      const Icon = icons[deed];
      return {
        name: deed,
        label: t(`do.${deed}`),
        icon: <Icon size={16} aria-hidden="true" />,
        isDestructive: deed === "disable",
        onChoose: () => onAsk(deed, person),
      };
    });
  };
  return (
    <ConsoleTable
      caption={t("title")}
      head={
        <>
          <Head>{t("account")}</Head>
          <Head>{t("role")}</Head>
          <Head>{t("state")}</Head>
          <Head>{t("signsIn")}</Head>
          <Head isRight>{t("sessions")}</Head>
          <Head>{t("lastSignIn")}</Head>
          <ActionsHead>{t("actions")}</ActionsHead>
        </>
      }
    >
      {rows.map((person) => (
        <tr key={person.id}>
          <RowName>
            {person.name}
            <span className="block text-small font-normal text-fg-3">{person.email}</span>
          </RowName>
          <Td>{t(`roles.${person.role}`)}</Td>
          <Td>{person.disabledAt === null ? t("active") : <Badge>{t("disabled")}</Badge>}</Td>
          <Td className="text-fg-2">
            {person.logins.map((login) => (login === "credential" ? t("password") : login)).join(", ")}
          </Td>
          <Td isRight>{person.openSessions}</Td>
          <Td className="whitespace-nowrap text-fg-2">
            {person.lastSignInAt === null ? tAdmin("never") : day(person.lastSignInAt)}
          </Td>
          <Actions>
            <ActionMenuButton
              label={t("actionsOf", { name: person.name })}
              className="inline-flex size-8 items-center justify-center rounded-control text-fg-2 hover:bg-muted hover:text-fg max-sm:size-11"
              actions={actionsFor(person)}
            >
              <Ellipsis size={16} aria-hidden="true" />
            </ActionMenuButton>
          </Actions>
        </tr>
      ))}
    </ConsoleTable>
  );
}
