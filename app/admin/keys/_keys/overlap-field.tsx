import { useTranslations } from "next-intl";
import { SelectField } from "@/app/admin/_admin/fields";

/** Hours for which the old key or token works beside the new one. */
const overlaps = ["0", "24", "168", "720"] as const;
export type Overlap = (typeof overlaps)[number];

type OverlapFieldProps = { label: string; value: Overlap; onChange: (value: Overlap) => void };

export function OverlapField({ label, value, onChange }: OverlapFieldProps) {
  const t = useTranslations("admin.keys");
  return (
    <SelectField
      label={label}
      value={value}
      choices={overlaps.map((hours) => ({ value: hours, label: t(`overlaps.h${hours}`) }))}
      onChange={(chosen) => onChange(overlaps.find((hours) => hours === chosen) ?? value)}
    />
  );
}
