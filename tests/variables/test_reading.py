"""Data dictionaries as people keep them: headings, types, codes, faults, and what is refused."""

from __future__ import annotations

import io
import re
from pathlib import Path

import openpyxl
import pytest
from conftest import ROOT

from catalogue.dictionary.dictionaries import Dictionaries
from catalogue.dictionary.reading import Dictionary, LooksLikePersons
from catalogue.dictionary.words import Words
from catalogue.errors import BadRequest, FaultyTable
from catalogue.harvest.sheets import NoTable
from catalogue.instance import Catalogue

REDCAP = """\
"Variable / Field Name","Form Name","Section Header","Field Type","Field Label","Choices, Calculations, OR Slider Labels","Field Note","Text Validation Type OR Show Slider Number"
intro,baseline,,descriptive,"Please answer all questions",,,
epic26_q1,epic26,,radio,"How often have you leaked urine?","1, More than once a day | 2, About once a day | 5, Rarely or never","Past 4 weeks",
psa_diag,baseline,,text,"PSA at diagnosis",,"in ng/ml",number
dx_date,baseline,,text,"Date of diagnosis",,,date_dmy
smoker,baseline,,yesno,"Ever smoked",,,
risk,baseline,,calc,"Risk score","[psa_diag]*2",,
"""
GERMAN = """\
Variablenname;Bezeichnung;Beschreibung;Datentyp;Einheit;Ausprägungen;Formular
alter;Alter bei Diagnose;Alter in vollendeten Jahren;Ganzzahl;Jahre;;Basis
geschl;Geschlecht;;kategorial;;1 = männlich; Basis
"""


@pytest.fixture(scope="module")
def dictionaries(catalogue: Catalogue) -> Dictionaries:
    return catalogue.dictionaries


def columns(found: Dictionary) -> dict[str, dict[str, object]]:
    return {one["column_name"]: one for table in found.tables for one in table["column"]}


def said(found: Dictionary) -> str:
    return "\n".join(map(str, found.said))


class TestHeadings:
    def test_a_redcap_dictionary_is_understood(self, dictionaries: Dictionaries) -> None:
        found = dictionaries.read(REDCAP.encode(), "study.csv")
        assert not found.of("error")
        assert [table["title"]["en"] for table in found.tables] == ["epic26", "baseline"]
        known = columns(found)
        assert "intro" not in known  # it asks for nothing
        assert known["epic26_q1"]["codes"] == [
            "1 = More than once a day",
            "2 = About once a day",
            "5 = Rarely or never",
        ]
        assert known["epic26_q1"]["description"] == {"en": "Past 4 weeks"}
        assert {name: one["datatype"] for name, one in known.items()} == {
            "epic26_q1": "integer",
            "psa_diag": "decimal",
            "dx_date": "date",
            "smoker": "boolean",
            "risk": "decimal",
        }
        assert "codes" not in known["risk"]  # a formula is no list of codes

    def test_headings_of_another_language_give_texts_their_language(
        self, dictionaries: Dictionaries
    ) -> None:
        found = dictionaries.read(GERMAN.encode(), "x.csv")
        alter = columns(found)["alter"]
        assert alter["column_title"] == {"de": "Alter bei Diagnose"}
        assert alter["datatype"] == "integer"
        assert alter["unit"] == "Jahre"
        # No description: the label stands in, and the file's owner is told.
        assert columns(found)["geschl"]["description"] == {"de": "Geschlecht"}
        assert "1 variable has no description" in said(found)

    @pytest.mark.parametrize(
        "header",
        [
            "variable,label,type",
            "Field name,Question text,Data type",
            "cdmFieldName,userGuidance,cdmDatatype",
            "Nom de la variable,Libellé,Type de données",
            "Nombre de la variable,Etiqueta,Tipo de dato",
            "Variabele,Omschrijving,Gegevenstype",
            "Variabelnamn,Etikett,Datatyp",
            "VARIABLE_NAME *,Label (en),TYPE",
            "Zmienna,Etykieta,Typ danych",
        ],
    )
    def test_many_habits_name_the_same_columns(
        self, dictionaries: Dictionaries, header: str
    ) -> None:
        found = dictionaries.read(f"{header}\nage,Age at diagnosis,int\n".encode(), "x.csv")
        assert columns(found)["age"]["datatype"] == "integer"
        assert not found.of("error")

    def test_labels_in_several_languages_are_kept_apart(self, dictionaries: Dictionaries) -> None:
        found = dictionaries.read(
            b"name\tlabel@en\tlabel@fr\ttype\nage\tAge\t\xc3\x82ge\tint\n", "x.tsv"
        )
        assert columns(found)["age"]["column_title"] == {"en": "Age", "fr": "Âge"}

    def test_a_workbook_is_read_like_a_csv_file(self, dictionaries: Dictionaries) -> None:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.title = "Codebook"
        sheet.append(["Name", "Label", "Type", "Concept"])
        sheet.append(["psa", "PSA", "F8.2", "LOINC:2857-1"])
        file = io.BytesIO()
        book.save(file)
        found = dictionaries.read(file.getvalue(), "codes.xlsx", sheet="Codebook")
        assert columns(found)["psa"]["property_url"] == "https://loinc.org/2857-1"
        assert found.tables[0]["title"] == {"en": "Codebook"}

    def test_a_heading_that_stands_for_two_columns_is_refused_at_its_line(
        self, tmp_path: Path
    ) -> None:
        rows = "column,language,headings\nname,en,Variable; Field name\nlabel,en,field_name\n"
        (tmp_path / "dictionary-headings.csv").write_text(rows)
        (tmp_path / "dictionary-types.csv").write_text("datatype,words\n")
        with pytest.raises(FaultyTable, match=r'headings\.csv:3: "field_name" is a name already'):
            Words.read(tmp_path)

    def test_every_type_in_the_table_is_one_of_the_list(self, catalogue: Catalogue) -> None:
        known = catalogue.vocabularies["csvw-datatype"].by_code
        assert set(Words.read(ROOT / "schemas").types.values()) <= set(known)


class TestTypes:
    @pytest.mark.parametrize(
        ("spelt", "meant"),
        [
            ("varchar(20)", "string"),
            ("decimal(10,2)", "decimal"),
            ("NUMERIC(8,0)", "integer"),
            ("F8.2", "decimal"),
            ("A20", "string"),
            ("%td", "date"),
            ("str12", "string"),
            ("xsd:dateTime", "dateTime"),
            ("Gleitkommazahl", "double"),
            ("oui/non", "boolean"),
            ("year", "gYear"),
            ("number", "decimal"),
            ("positiveInteger", "positiveInteger"),
        ],
    )
    def test_types_are_known_by_their_spellings(
        self, dictionaries: Dictionaries, spelt: str, meant: str
    ) -> None:
        found = dictionaries.read(f'name,label,type\nx,X,"{spelt}"\n'.encode(), "x.csv")
        assert columns(found)["x"]["datatype"] == meant
        assert not found.said or "type" not in said(found)

    def test_an_unknown_type_is_told_with_row_and_column(self, dictionaries: Dictionaries) -> None:
        found = dictionaries.read(b"name,label,type\na,A,int\nb,B,quux\n", "x.csv")
        assert "row 3, column C “type”: “quux” is no type we know; taken as text." in said(found)
        assert columns(found)["b"]["datatype"] == "string"

    def test_without_a_type_codes_and_units_tell(self, dictionaries: Dictionaries) -> None:
        sent = (
            b'name,label,codes,unit\na,A,"0=No; 1=Yes",\nb,B,"M=Male|F=Female",\nc,C,,mg\nd,D,,\n'
        )
        found = dictionaries.read(sent, "x.csv")
        assert [one["datatype"] for one in columns(found).values()] == [
            "boolean",
            "string",
            "decimal",
            "string",
        ]
        assert "4 variables is not given and was guessed" in said(found)


class TestFaults:
    def test_each_is_told_at_its_row_and_column(self, dictionaries: Dictionaries) -> None:
        sent = f"name,label\nage,Age\n,Nothing\nAGE,Again\n{'x' * 300},Long\n"
        found = dictionaries.read(sent.encode(), "x.csv")
        assert [str(one) for one in found.of("error")] == [
            "row 3, column A “name”: The variable has no name.",
            "row 4, column A “name”: “AGE” is named in row 2 already.",
            "row 5, column A “name”: The name is longer than 200 characters.",
        ]

    def test_one_name_may_be_in_two_tables(self, dictionaries: Dictionaries) -> None:
        found = dictionaries.read(b"table,name,label\na,id,Id\nb,id,Id\n", "x.csv")
        assert not found.of("error")
        assert found.variables == 2

    @pytest.mark.parametrize(
        "sent", [b"", b"\x00\x01\x02\x03", b"<html><p>no", b"PK\x03\x04broken"]
    )
    def test_what_is_no_table_is_refused(self, dictionaries: Dictionaries, sent: bytes) -> None:
        with pytest.raises(NoTable):
            dictionaries.read(sent, "x.csv")

    def test_markup_and_control_characters_go(self, dictionaries: Dictionaries) -> None:
        found = dictionaries.read(b"name,label,type\na,<b>Age</b>\x07 now,int\n", "x.csv")
        assert columns(found)["a"]["column_title"] == {"en": "Age  now"}

    def test_a_thousand_variables_are_read_in_their_order(self, dictionaries: Dictionaries) -> None:
        lines = "".join(f"v{n},Label {n},int\n" for n in range(1000))
        found = dictionaries.read(f"name,label,type\n{lines}".encode(), "x.csv")
        assert list(columns(found)) == [f"v{n}" for n in range(1000)]


class TestDataAboutPersons:
    @pytest.mark.parametrize(
        "sent",
        [
            "patient_id,age,psa\n1,65,4.2\n2,70,8.1\n",
            "Name,Geburtsdatum,Diagnose\nMeier,1950-01-01,C61\n",
            "name,title,address,telephone,note\nA. Smith,Dr,Road 1,0123,x\n",
            "age,contact,psa\n65,someone@example.org,4\n",
            "age,sex,psa\n" + "65,m,4.2\n" * 40,
            "Personnummer;PSA\n19500101-1234;4\n",
            "Meier,1950-01-01,C61\nSchulz,1951-01-01,C50\n",
        ],
    )
    def test_a_file_that_looks_like_it_is_refused(
        self, dictionaries: Dictionaries, sent: str
    ) -> None:
        with pytest.raises(LooksLikePersons) as refusal:
            dictionaries.read(sent.encode(), "x.csv")
        message = str(refusal.value)
        assert "nothing of it was kept" in message
        # Nor is any value of it repeated.
        for value in re.split(r"[,;\n]", sent.partition("\n")[2]):
            assert len(value) < 5 or value not in message

    def test_headings_alone_are_no_data(self, dictionaries: Dictionaries) -> None:
        found = dictionaries.read(b"patient_id,age,psa\n", "x.csv")
        assert list(columns(found)) == ["patient_id", "age", "psa"]

    def test_of_a_few_made_up_rows_only_the_types_are_kept(
        self, dictionaries: Dictionaries
    ) -> None:
        sent = (
            b"age,weight,visit,ill,free\n61,80.5,2020-01-31,yes,zebra\n62,81,2020-02-01,no,lynx\n"
        )
        found = dictionaries.read(sent, "x.csv")
        assert [one["datatype"] for one in columns(found).values()] == [
            "integer",
            "decimal",
            "date",
            "boolean",
            "string",
        ]
        assert "zebra" not in repr(found)
        assert "none of which was kept" in said(found)

    def test_a_dictionary_may_describe_an_identifier(self, dictionaries: Dictionaries) -> None:
        found = dictionaries.read(b"name,label,type\npatient_id,Patient,string\n", "x.csv")
        assert not found.of("error")


class TestSuggestions:
    def offers(self, dictionaries: Dictionaries, rows: str, document: dict | None = None) -> dict:
        found = dictionaries.read(f"name,label,type\n{rows}".encode(), "x.csv")
        return {one.value: one for one in dictionaries.offers(found.tables, document or {})}

    @pytest.mark.parametrize(
        ("row", "offer"),
        [
            ("epic26_q1,Leaking urine,int", "instrument epic-26 urinary-function"),
            ("x,Mini-Mental State,int", "instrument mmse cognition"),
            ("eq5d5l_idx,Index,num", "instrument eq-5d-5l health-related-quality-of-life"),
            ("x,EQ-5D-5L index,num", "instrument eq-5d-5l health-related-quality-of-life"),
            ("x,PSA at diagnosis,num", "key_variable prostate-specific-antigen"),
            ("psaAtDiagnosis,Value,num", "key_variable prostate-specific-antigen"),
            ("gg,ISUP grade group,int", "key_variable gleason-score"),
            ("x,Biochemical recurrence,bool", "outcome biochemical-recurrence"),
        ],
    )
    def test_names_and_labels_tell(self, dictionaries: Dictionaries, row: str, offer: str) -> None:
        assert offer in self.offers(dictionaries, row + "\n")

    def test_each_says_why(self, dictionaries: Dictionaries) -> None:
        rows = "".join(f"epic26_q{n},Item {n},int\n" for n in range(1, 27))
        offer = self.offers(dictionaries, rows)["instrument epic-26 urinary-function"]
        assert offer.reason == (
            "“EPIC-26” is in the name or label of epic26_q1, epic26_q2, epic26_q3 and 23 more"
        )

    def test_of_a_concept_and_its_version_only_the_version_is_suggested(
        self, dictionaries: Dictionaries
    ) -> None:
        found = dictionaries.read(b"name,label\nepic26_q1,EPIC-26 (EPIC) item 1\n", "x.csv")
        named = {one.label.rpartition("with ")[2] for one in dictionaries.offers(found.tables, {})}
        assert named == {"EPIC-26"}

    def test_ordinary_words_suggest_nothing(self, dictionaries: Dictionaries) -> None:
        rows = "age,Age,int\nall_visits,All visits,int\nsite,Site of the visit,text\n"
        assert self.offers(dictionaries, rows) == {}

    def test_what_was_not_offered_cannot_be_confirmed(self, dictionaries: Dictionaries) -> None:
        found = dictionaries.read(b"name,label,type\nage,Age,int\n", "x.csv")
        with pytest.raises(BadRequest, match="not suggested"):
            dictionaries.taken({}, found.tables, {"outcome pain"})


class TestHugeCells:
    """Cells that would take minutes are looked at in part; the test is that it ends."""

    def test_codes_beyond_number_are_cut(self, dictionaries: Dictionaries) -> None:
        codes = "|".join(map(str, range(20_000)))
        found = dictionaries.read(f"name,label,codes\na,A,{codes}\n".encode(), "x.csv")
        assert len(columns(found)["a"]["codes"]) == 200
        assert "too many codes" in said(found)

    @pytest.mark.parametrize(
        "row",
        [
            f"a,A,1={'b' + ' ' * 120_000 + 'c'},,",
            f"a,A,,{'f' + ' ' * 120_000 + '(1'},",
            f"a,A,,,{'a' + ' ' * 120_000 + 'x'}",
        ],
    )
    def test_spaces_beyond_number_are_no_riddle(self, dictionaries: Dictionaries, row: str) -> None:
        content = f"name,label,codes,type,concept\n{row}\n".encode()
        assert list(columns(dictionaries.read(content, "x.csv"))) == ["a"]

    def test_nor_are_those_of_a_heading(self, dictionaries: Dictionaries) -> None:
        header = f"name,label,a{' ' * 120_000}x,{'(' * 120_000}"
        found = dictionaries.read(f"{header}\na,A,,\n".encode(), "x.csv")
        assert list(columns(found)) == ["a"]

    def test_a_file_that_is_all_wrong_says_so_a_thousand_times(
        self, dictionaries: Dictionaries
    ) -> None:
        found = dictionaries.read(b"name,label\n" + b",A\n" * 3_000, "x.csv")
        assert len(found.of("error")) == 1_000
        assert found.left_out >= 2_000

    def test_a_dictionary_of_novels_is_refused(self, dictionaries: Dictionaries) -> None:
        row = f"v{{}},{'word ' * 900}\n"
        rows = "".join(row.format(number) for number in range(600))
        found = dictionaries.read(f"name,label\n{rows}".encode(), "x.csv")
        assert "together are longer than" in said(found)
        assert found.of("error")
