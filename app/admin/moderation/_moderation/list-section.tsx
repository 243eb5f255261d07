"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Actions, ActionsHead, ConsoleTable, Head } from "@/app/admin/_admin/console-table";
import { Empty } from "@/app/admin/_admin/empty";
import { Loaded } from "@/app/admin/_admin/loading";
import type { ConsoleData } from "@/app/admin/_admin/use-console";

type Column = { title: string; isRight?: boolean };
type Row = { key: string; cells: ReactNode; actions: ReactNode };

type ListSectionProps<T> = {
  /** Of its heading. */
  id: string;
  title: string;
  lead: string;
  /** Said in place of a table without rows. */
  empty: string;
  columns: readonly Column[];
  from: ConsoleData<T>;
  rows: (data: T) => readonly Row[];
  /** Steps through what is read a page at a time. */
  pager?: (data: T) => ReactNode;
  /** Dialogs of its rows. */
  children?: ReactNode;
};

/** One more list below the queue, each row with what a moderator can do about it. */
export function ListSection<T>(props: ListSectionProps<T>) {
  const { id, title, lead, empty, columns, from, rows, pager, children } = props;
  const t = useTranslations("admin.moderation");
  return (
    <section aria-labelledby={id} className="mt-10">
      <h2 id={id} className="text-h2">
        {title}
      </h2>
      <p className="mt-1 mb-3 text-hint text-fg-2">{lead}</p>
      <Loaded from={from}>
        {(data) => {
          const shown = rows(data);
          return (
            <>
              {shown.length === 0 ? (
                <Empty>{empty}</Empty>
              ) : (
                <ConsoleTable
                  caption={title}
                  head={
                    <>
                      {columns.map((column) => (
                        <Head key={column.title} isRight={column.isRight}>
                          {column.title}
                        </Head>
                      ))}
                      <ActionsHead>{t("actions")}</ActionsHead>
                    </>
                  }
                >
                  {shown.map(({ key, cells, actions }) => (
                    <tr key={key}>
                      {cells}
                      <Actions>{actions}</Actions>
                    </tr>
                  ))}
                </ConsoleTable>
              )}
              {pager?.(data)}
            </>
          );
        }}
      </Loaded>
      {children}
    </section>
  );
}
