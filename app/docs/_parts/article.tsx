type ArticleProps = {
  title: string;
  lead: string;
  contents: string;
  sections: readonly { id: string; title: string; body: React.ReactNode }[];
  end?: React.ReactNode;
};

/** A page to read: contents beside it where there is room, one measure of text. */
export function Article({ title, lead, contents, sections, end }: ArticleProps) {
  return (
    <div className="mx-auto flex w-full max-w-[1440px] flex-1 gap-10 px-4 pt-4 pb-12 sm:px-6 sm:pt-6">
      <nav aria-label={contents} className="sticky top-18 hidden w-48 shrink-0 self-start md:block">
        <ul className="text-hint">
          {sections.map(({ id, title: name }) => (
            <li key={id}>
              <a href={`#${id}`} className="block rounded-control py-1.5 text-fg-2 hover:text-fg">
                {name}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <main id="main" className="min-w-0 max-w-[68ch] flex-1">
        <h1 className="text-h1">{title}</h1>
        <p className="mt-1 text-answer text-fg-2">{lead}</p>
        {sections.map(({ id, title: name, body }) => (
          <section key={id} id={id} aria-labelledby={`${id}-title`} className="mt-8 scroll-mt-18">
            <h2 id={`${id}-title`} className="text-h2">
              {name}
            </h2>
            {body}
          </section>
        ))}
        {end}
      </main>
    </div>
  );
}
