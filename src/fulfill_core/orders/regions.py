"""The regions of countries, by their codes and names.

Only of countries whose addresses need a region or often have one, as in the data published for
libaddressinput: a test holds this table against the package that has it.
"""

from __future__ import annotations

from functools import cache

from fulfill_core.orders.spelling import Names, plain

_OTHER_NAMES = {
    "AR": "CABA=C|Capital Federal=C",
    "CL": "Santiago=RM",
    "CN": (
        "AH=34|BJ=11|CQ=50|FJ=35|GD=44|GS=62|GX=45|GZ=52|HA=41|HB=42|HE=13|HI=46|HK=91|HL=23|HN=43|"
        "JL=22|JS=32|JX=36|LN=21|MO=92|NM=15|NX=64|QH=63|SC=51|SD=37|SH=31|SN=61|SX=14|TJ=12|TW=71|"
        "XJ=65|XZ=54|YN=53|ZJ=33|Inner Mongolia=15|Tibet=54"
    ),
    "IN": "CG=CT|OD=OR|TS=TG|UK=UT|Orissa=OR|Pondicherry=PY|Uttaranchal=UT",
    "KR": "51=42|52=45",
    "MX": "DF=CMX|DIF=CMX|Distrito Federal=CMX|Mexico City=CMX",
    "MY": "Malacca=04|Penang=07",
    "RU": "Moscow=MOW|Moscow Oblast=MOS|Saint Petersburg=SPE|St Petersburg=SPE",
    "UA": "Kiev=30|Kyiv oblast=32",
    "US": "Washington DC=DC",
}
"""Codes of ISO 3166-2 that changed, and names in use, by the code in the table."""


def region_key(region: str, country: str) -> str:
    """By what two regions of a country are the same: the code, if the table has it, or the name.

    >>> region_key("California", "US"), region_key("us-ca", "US"), region_key("Bayern", "DE")
    ('CA', 'CA', 'bayern')
    """
    if not region or region.isspace():
        return ""
    key = _names_in(country).key_of(region)
    return plain(region.upper().removeprefix(f"{country}-")) if key is None else key


def other_names(country: str) -> list[tuple[str, str]]:
    """Pairs of a code of the country's regions and what else its region is called.

    >>> other_names("KR")
    [('42', '51'), ('45', '52')]
    """
    pairs = [pair.split("=") for pair in _OTHER_NAMES.get(country, "").split("|") if pair]
    return [(code, name) for name, code in pairs]


@cache
def _names_in(country: str) -> Names:
    """All that the regions of a country are called."""
    text = _REGIONS.get(country, "")
    rows = [row.split("=") for row in text.split("|") if row]
    pairs = [(code or names[0], name) for code, *names in rows for name in (*names, code) if name]
    pairs += other_names(country)
    short = [(key, f"{country}-{name}") for key, name in pairs if len(name) <= _LONGEST_CODE]
    return Names.of([*pairs, *short])


_LONGEST_CODE = 3
_TABLE = """
AD 07=Parròquia d'Andorra la Vella=Andorra la Vella|02=Canillo|03=Encamp|08=Escaldes-Engordany|
 04=La Massana|05=Ordino|06=Sant Julià de Lòria
AE AZ=أبو ظبي=Abu Dhabi|SH=إمارة الشارقةّ=الشارقة=Sharjah|FU=الفجيرة=Fujairah|
 UQ=ام القيوين=Umm Al Quwain|DU=إمارة دبيّ=دبي=Dubai|
 RK=إمارة رأس الخيمة=رأس الخيمة=Ras al Khaimah|AJ=عجمان=Ajman
AM AG=Արագածոտն=Aragatsotn|AR=Արարատ=Ararat|AV=Արմավիր=Armavir|GR=Գեղարքունիք=Gegharkunik|
 ER=Երևան=Yerevan|LO=Լոռի=Lori|KT=Կոտայք=Kotayk|SH=Շիրակ=Shirak|SU=Սյունիք=Syunik|
 VD=Վայոց ձոր=Vayots Dzor|TV=Տավուշ=Tavush
AR B=Buenos Aires|K=Catamarca|H=Chaco|U=Chubut|C=Ciudad Autónoma de Buenos Aires|X=Córdoba|
 W=Corrientes|E=Entre Ríos|P=Formosa|Y=Jujuy|L=La Pampa|F=La Rioja|M=Mendoza|N=Misiones|
 Q=Neuquén|R=Río Negro|A=Salta|J=San Juan|D=San Luis|Z=Santa Cruz|S=Santa Fe|
 G=Santiago del Estero|V=Tierra del Fuego|T=Tucumán
AU ACT=Australian Capital Territory|=JBT=Jervis Bay Territory|NSW=New South Wales|
 NT=Northern Territory|QLD=Queensland|SA=South Australia|TAS=Tasmania|VIC=Victoria|
 WA=Western Australia
BR AC=Acre|AL=Alagoas|AP=Amapá|AM=Amazonas|BA=Bahia|CE=Ceará|DF=Distrito Federal|ES=Espírito Santo|
 GO=Goiás|MA=Maranhão|MT=Mato Grosso|MS=Mato Grosso do Sul|MG=Minas Gerais|PA=Pará|PB=Paraíba|
 PR=Paraná|PE=Pernambuco|PI=Piauí|RJ=Rio de Janeiro|RN=Rio Grande do Norte|RS=Rio Grande do Sul|
 RO=Rondônia|RR=Roraima|SC=Santa Catarina|SP=São Paulo|SE=Sergipe|TO=Tocantins
BS =Abaco=Abaco Islands|AK=Acklins|=Andros=Andros Island|BY=Berry Islands|BI=Bimini|CI=Cat Island|
 =Crooked Island|=Eleuthera|EX=Exuma=Exuma and Cays|=Grand Bahama|HI=Harbour Island|IN=Inagua|
 LI=Long Island|MG=Mayaguana|=N.P.=New Providence|RI=Ragged Island|RC=Rum Cay|SS=San Salvador|
 SW=Spanish Wells
CA AB=Alberta|BC=British Columbia=Colombie-Britannique|MB=Manitoba|
 NB=New Brunswick=Nouveau-Brunswick|NL=Newfoundland and Labrador=Terre-Neuve-et-Labrador|
 NT=Northwest Territories=Territoires du Nord-Ouest|NS=Nova Scotia=Nouvelle-Écosse|NU=Nunavut|
 ON=Ontario|PE=Prince Edward Island=Île-du-Prince-Édouard|QC=Quebec|SK=Saskatchewan|YT=Yukon
CL AN=Antofagasta|AR=Araucanía|AP=Arica y Parinacota|AT=Atacama|
 AI=Aysén=Aysén del General Carlos Ibáñez del Campo|BI=Biobío|CO=Coquimbo|
 LI=O'Higgins=Libertador General Bernardo O'Higgins|LL=Los Lagos|LR=Los Ríos|
 MA=Magallanes=Magallanes y de la Antártica Chilena|ML=Maule|
 RM=Región Metropolitana=Metropolitana de Santiago|NB=Ñuble|TA=Tarapacá|VS=Valparaíso
CN 34=安徽省=Anhui Sheng|92=澳门=Macau|11=北京市=Beijing Shi|50=重庆市=Chongqing Shi|
 35=福建省=Fujian Sheng|62=甘肃省=Gansu Sheng|44=广东省=Guangdong Sheng|
 45=广西壮族自治区=广西=Guangxi Zhuangzuzizhiqu|52=贵州省=Guizhou Sheng|46=海南省=Hainan Sheng|
 13=河北省=Hebei Sheng|41=河南省=Henan Sheng|23=黑龙江省=Heilongjiang Sheng|
 42=湖北省=Hubei Sheng|43=湖南省=Hunan Sheng|22=吉林省=Jilin Sheng|32=江苏省=Jiangsu Sheng|
 36=江西省=Jiangxi Sheng|21=辽宁省=Liaoning Sheng|15=内蒙古自治区=内蒙古=Neimenggu Zizhiqu|
 64=宁夏回族自治区=宁夏=Ningxia Huizuzizhiqu|63=青海省=Qinghai Sheng|37=山东省=Shandong Sheng|
 14=山西省=Shanxi Sheng|61=陕西省=Shaanxi Sheng|31=上海市=Shanghai Shi|51=四川省=Sichuan Sheng|
 71=台湾=Taiwan|12=天津市=Tianjin Shi|54=西藏自治区=西藏=Xizang Zizhiqu|91=香港=Hong Kong|
 65=新疆维吾尔自治区=新疆=Xinjiang Weiwuerzizhiqu|53=云南省=Yunnan Sheng|33=浙江省=Zhejiang Sheng
CO AMA=Amazonas|ANT=Antioquia|ARA=Arauca|ATL=Atlántico|DC=Bogotá|BOL=Bolívar|BOY=Boyacá|CAL=Caldas|
 CAQ=Caquetá|CAS=Casanare|CAU=Cauca|CES=Cesar|CHO=Chocó|COR=Córdoba|CUN=Cundinamarca|GUA=Guainía|
 GUV=Guaviare|HUI=Huila|LAG=La Guajira|MAG=Magdalena|MET=Meta|NAR=Nariño|NSA=Norte de Santander|
 PUT=Putumayo|QUI=Quindío|RIS=Risaralda|SAP=San Andrés y Providencia|SAN=Santander|SUC=Sucre|
 TOL=Tolima|VAC=Valle del Cauca|VAU=Vaupés|VID=Vichada
CU 15=Artemisa|09=Camagüey|08=Ciego de Ávila|06=Cienfuegos|12=Granma|14=Guantánamo|11=Holguín|
 99=Isla de la Juventud|03=La Habana|10=Las Tunas|04=Matanzas|16=Mayabeque|01=Pinar del Río|
 07=Sancti Spíritus|13=Santiago de Cuba|05=Villa Clara
CV BV=Boa Vista|BR=Brava|=Fogo|MA=Maio|SL=Sal|=Santiago|=Santo Antão|=São Nicolau|SV=São Vicente
EG ASN=أسوان=Aswan Governorate|AST=أسيوط=Asyut Governorate|ALX=الإسكندرية=Alexandria Governorate|
 IS=الإسماعيلية=Ismailia Governorate|LX=الأقصر=Luxor Governorate|
 BA=البحر الأحمر=Red Sea Governorate|BH=البحيرة=El Beheira Governorate|
 GZ=الجيزة=Giza Governorate|DK=الدقهلية=Dakahlia Governorate|SUZ=السويس=Suez Governorate|
 SHR=الشرقية=Ash Sharqia Governorate|GH=الغربية=Gharbia Governorate|
 FYM=الفيوم=Faiyum Governorate|C=القاهرة=Cairo Governorate|KB=القليوبية=Qalyubia Governorate|
 MNF=المنوفية=Menofia Governorate|MN=المنيا=Menia Governorate|
 WAD=الوادي الجديد=New Valley Governorate|BNS=بني سويف=Beni Suef Governorate|
 PTS=بورسعيد=Port Said Governorate|JS=جنوب سيناء=South Sinai Governorate|
 DT=دمياط=Damietta Governorate|SHG=سوهاج=Sohag Governorate|
 SIN=شمال سيناء=North Sinai Governorate|KN=قنا=Qena Governorate|
 KFS=كفر الشيخ=Kafr El Sheikh Governorate|MT=مطروح=Matrouh Governorate
ES =VI=Álava=Araba|=AB=Albacete|=A=Alicante=Alacant|=AL=Almería|=O=Asturias|=AV=Ávila|
 =BA=Badajoz=Badaxoz|=B=Barcelona|=BU=Burgos|=CC=Cáceres|=CA=Cádiz=Cadis|=S=Cantabria|
 =CS=Castellón=Castelló|=CE=Ceuta|=CR=Ciudad Real=Cidade Real|=CO=Córdoba=Kordoba|=CU=Cuenca|
 =GI=Girona=Xirona|=GR=Granada|=GU=Guadalajara|=SS=Guipúzcoa=Guipúscoa=Gipuzkoa|=H=Huelva|
 =HU=Huesca|=PM=Islas Baleares=Illes Balears=Illas Baleares|=J=Jaén=Xaén|
 =C=La Coruña=La Corunya=Coruña=A Coruña|=LO=La Rioja|=GC=Las Palmas=As Palmas|=LE=León|
 =L=Lérida=Lleida|=LU=Lugo|=M=Madrid|=MA=Málaga|=ML=Melilla|=MU=Murcia=Murtzia|
 =NA=Navarra=Nafarroa|=OR=Ourense|=P=Palencia=Palentzia|=PO=Pontevedra|=SA=Salamanca|
 =TF=Santa Cruz de Tenerife=Santa Cruz Tenerifekoa|=SG=Segovia|=SE=Sevilla|=SO=Soria|
 =T=Tarragona|=TE=Teruel|=TO=Toledo|=V=Valencia=Valentzia|=VA=Valladolid|
 =BI=Vizcaya=Bizkaia=Biscaia|=ZA=Zamora|=Z=Zaragoza
HK =Kowloon=九龍|=Hong Kong Island=香港島|=New Territories=新界
ID AC=Aceh|BA=Bali|BT=Banten|BE=Bengkulu|
 YO=Daerah Istimewa Yogyakarta=Special Region of Yogyakarta|JK=DKI Jakarta=Jakarta|GO=Gorontalo|
 JA=Jambi|JB=Jawa Barat=West Java|JT=Jawa Tengah=Central Java|JI=Jawa Timur=East Java|
 KB=Kalimantan Barat=West Kalimantan|KS=Kalimantan Selatan=South Kalimantan|
 KT=Kalimantan Tengah=Central Kalimantan|KI=Kalimantan Timur=East Kalimantan|
 KU=Kalimantan Utara=North Kalimantan|BB=Kepulauan Bangka Belitung=Bangka Belitung Islands|
 KR=Kepulauan Riau=Riau Islands|LA=Lampung|MA=Maluku|MU=Maluku Utara=North Maluku|
 NB=Nusa Tenggara Barat=West Nusa Tenggara|NT=Nusa Tenggara Timur=East Nusa Tenggara|PA=Papua|
 PB=Papua Barat=West Papua|RI=Riau|SR=Sulawesi Barat=West Sulawesi|
 SN=Sulawesi Selatan=South Sulawesi|ST=Sulawesi Tengah=Central Sulawesi|
 SG=Sulawesi Tenggara=South East Sulawesi|SA=Sulawesi Utara=North Sulawesi|
 SB=Sumatera Barat=West Sumatra|SS=Sumatera Selatan=South Sumatra|SU=Sumatera Utara=North Sumatra
IE CW=Co. Carlow|CN=Co. Cavan|CE=Co. Clare|CO=Co. Cork|DL=Co. Donegal|D=Co. Dublin|G=Co. Galway|
 KY=Co. Kerry|KE=Co. Kildare|KK=Co. Kilkenny|LS=Co. Laois|LM=Co. Leitrim|LK=Co. Limerick|
 LD=Co. Longford|LH=Co. Louth|MO=Co. Mayo|MH=Co. Meath|MN=Co. Monaghan|OY=Co. Offaly|
 RN=Co. Roscommon|SO=Co. Sligo|TA=Co. Tipperary|WD=Co. Waterford|WH=Co. Westmeath|WX=Co. Wexford|
 WW=Co. Wicklow
IN AN=Andaman and Nicobar Islands=Andaman & Nicobar=अंडमान और निकोबार द्वीपसमूह|
 AP=Andhra Pradesh=आंध्र प्रदेश|AR=Arunachal Pradesh=अरुणाचल प्रदेश|
 AS=Assam=असम|BR=Bihar=बिहार|CH=Chandigarh=चंडीगढ़|CT=Chhattisgarh=छत्तीसगढ़|
 DH=Dadra and Nagar Haveli and Daman and Diu=
 Dadra & Nagar Haveli & Daman & Diu=दादरा और नगर हवेली और दमन और दिउ|
 DL=Delhi=दिल्ली|GA=Goa=गोआ|GJ=Gujarat=गुजरात|HR=Haryana=हरियाणा|
 HP=Himachal Pradesh=हिमाचल प्रदेश|
 JK=Jammu and Kashmir=Jammu & Kashmir=जम्मू और कश्मीर|JH=Jharkhand=झारखण्ड|
 KA=Karnataka=कर्नाटक|KL=Kerala=केरल|LA=Ladakh=लद्दाख़|
 LD=Lakshadweep=लक्षद्वीप|MP=Madhya Pradesh=मध्य प्रदेश|
 MH=Maharashtra=महाराष्ट्र|MN=Manipur=मणिपुर|ML=Meghalaya=मेघालय|
 MZ=Mizoram=मिजोरम|NL=Nagaland=नागालैंड|OR=Odisha=ओड़िशा|
 PY=Puducherry=पांडिचेरी|PB=Punjab=पंजाब|RJ=Rajasthan=राजस्थान|
 SK=Sikkim=सिक्किम|TN=Tamil Nadu=तमिल नाडु|TG=Telangana=तेलंगाना|
 TR=Tripura=त्रिपुरा|UP=Uttar Pradesh=उत्तर प्रदेश|UT=Uttarakhand=उत्तराखण्ड|
 WB=West Bengal=पश्चिम बंगाल
IR 03=استان آذربایجان شرقی=East Azerbaijan Province|
 04=استان آذربایجان غربی=West Azerbaijan Province|24=استان اردبیل=Ardabil Province|
 10=استان اصفهان=Isfahan Province|30=استان البرز=Alborz Province|16=استان ایلام=Ilam Province|
 18=استان بوشهر=Bushehr Province|23=استان تهران=Tehran Province|
 14=استان چهارمحال و بختیاری=Chaharmahal and Bakhtiari Province|
 29=استان خراسان جنوبی=South Khorasan Province|09=استان خراسان رضوی=Razavi Khorasan Province|
 28=استان خراسان شمالی=North Khorasan Province|06=استان خوزستان=Khuzestan Province|
 19=استان زنجان=Zanjan Province|20=استان سمنان=Semnan Province|
 11=استان سیستان و بلوچستان=Sistan and Baluchestan Province|07=استان فارس=Fars Province|
 26=استان قزوین=Qazvin Province|25=استان قم=Qom Province|12=استان کردستان=Kurdistan Province|
 08=استان کرمان=Kerman Province|05=استان کرمانشاه=Kermanshah Province|
 17=استان کهگیلویه و بویراحمد=Kohgiluyeh and Boyer-Ahmad Province|
 27=استان گلستان=Golestan Province|01=استان گیلان=Gilan Province|
 15=استان لرستان=Lorestan Province|02=استان مازندران=Mazandaran Province|
 00=استان مرکزی=Markazi Province|22=استان هرمزگان=Hormozgan Province|
 13=استان همدان=Hamadan Province|21=استان یزد=Yazd Province
IT AG=Agrigento|AL=Alessandria|AN=Ancona|AO=Aosta|AR=Arezzo|AP=Ascoli Piceno|AT=Asti|AV=Avellino|
 BA=Bari|BT=Barletta-Andria-Trani|BL=Belluno|BN=Benevento|BG=Bergamo|BI=Biella|BO=Bologna|
 BZ=Bolzano|BS=Brescia|BR=Brindisi|CA=Cagliari|CL=Caltanissetta|CB=Campobasso|CE=Caserta|
 CT=Catania|CZ=Catanzaro|CH=Chieti|CO=Como|CS=Cosenza|CR=Cremona|KR=Crotone|CN=Cuneo|EN=Enna|
 FM=Fermo|FE=Ferrara|FI=Firenze|FG=Foggia|FC=Forlì-Cesena|FR=Frosinone|GE=Genova|GO=Gorizia|
 GR=Grosseto|IM=Imperia|IS=Isernia|AQ=L'Aquila|SP=La Spezia|LT=Latina|LE=Lecce|LC=Lecco|
 LI=Livorno|LO=Lodi|LU=Lucca|MC=Macerata|MN=Mantova|MS=Massa-Carrara|MT=Matera|ME=Messina|
 MI=Milano|MO=Modena|MB=Monza e Brianza|NA=Napoli|NO=Novara|NU=Nuoro|OR=Oristano|PD=Padova|
 PA=Palermo|PR=Parma|PV=Pavia|PG=Perugia|PU=Pesaro e Urbino|PE=Pescara|PC=Piacenza|PI=Pisa|
 PT=Pistoia|PN=Pordenone|PZ=Potenza|PO=Prato|RG=Ragusa|RA=Ravenna|RC=Reggio Calabria|
 RE=Reggio Emilia|RI=Rieti|RN=Rimini|RM=Roma|RO=Rovigo|SA=Salerno|SS=Sassari|SV=Savona|SI=Siena|
 SR=Siracusa|SO=Sondrio|SU=Sud Sardegna|TA=Taranto|TE=Teramo|TR=Terni|TO=Torino|TP=Trapani|
 TN=Trento|TV=Treviso|TS=Trieste|UD=Udine|VA=Varese|VE=Venezia|VB=Verbano-Cusio-Ossola|
 VC=Vercelli|VR=Verona|VV=Vibo Valentia|VI=Vicenza|VT=Viterbo
JM 13=Clarendon|09=Hanover|01=Kingston|12=Manchester|04=Portland|02=St. Andrew|06=St. Ann|
 14=St. Catherine|11=St. Elizabeth|08=St. James|05=St. Mary|03=St. Thomas|07=Trelawny|
 10=Westmoreland
JP 01=北海道=Hokkaido|02=青森県=Aomori|03=岩手県=Iwate|04=宮城県=Miyagi|05=秋田県=Akita|
 06=山形県=Yamagata|07=福島県=Fukushima|08=茨城県=Ibaraki|09=栃木県=Tochigi|10=群馬県=Gunma|
 11=埼玉県=Saitama|12=千葉県=Chiba|13=東京都=Tokyo|14=神奈川県=Kanagawa|15=新潟県=Niigata|
 16=富山県=Toyama|17=石川県=Ishikawa|18=福井県=Fukui|19=山梨県=Yamanashi|20=長野県=Nagano|
 21=岐阜県=Gifu|22=静岡県=Shizuoka|23=愛知県=Aichi|24=三重県=Mie|25=滋賀県=Shiga|26=京都府=Kyoto|
 27=大阪府=Osaka|28=兵庫県=Hyogo|29=奈良県=Nara|30=和歌山県=Wakayama|31=鳥取県=Tottori|
 32=島根県=Shimane|33=岡山県=Okayama|34=広島県=Hiroshima|35=山口県=Yamaguchi|36=徳島県=Tokushima|
 37=香川県=Kagawa|38=愛媛県=Ehime|39=高知県=Kochi|40=福岡県=Fukuoka|41=佐賀県=Saga|
 42=長崎県=Nagasaki|43=熊本県=Kumamoto|44=大分県=Oita|45=宮崎県=Miyazaki|46=鹿児島県=Kagoshima|
 47=沖縄県=Okinawa
KN N=Nevis|K=St. Kitts
KP 07=강원도=Kangwon|13=라선 특별시=Rason|10=량강도=Ryanggang|04=자강도=Chagang|
 02=평안 남도=South Pyongan|03=평안 북도=North Pyongan|01=평양 직할시=Pyongyang|
 08=함경 남도=South Hamgyong|09=함경 북도=North Hamgyong|05=황해남도=South Hwanghae|
 06=황해북도=North Hwanghae
KR 42=강원도=Gangwon-do|41=경기도=Gyeonggi-do|48=경상남도=경남=Gyeongsangnam-do|
 47=경상북도=경북=Gyeongsangbuk-do|29=광주광역시=광주=Gwangju|27=대구광역시=대구=Daegu|
 30=대전광역시=대전=Daejeon|26=부산광역시=부산=Busan|11=서울특별시=서울=Seoul|
 50=세종특별자치시=세종=Sejong|31=울산광역시=울산=Ulsan|28=인천광역시=인천=Incheon|
 46=전라남도=전남=Jeollanam-do|45=전라북도=전북=Jeollabuk-do|49=제주특별자치도=제주=Jeju-do|
 44=충청남도=충남=Chungcheongnam-do|43=충청북도=충북=Chungcheongbuk-do
KY =Cayman Brac|=Grand Cayman|=Little Cayman
MX AGU=Ags.=Aguascalientes|BCN=B.C.=Baja California|BCS=Baja California Sur|CAM=Camp.=Campeche|
 CHP=Chis.=Chiapas|CHH=Chih.=Chihuahua|CMX=CDMX=Ciudad de México|COA=Coah.=Coahuila de Zaragoza|
 COL=Colima|DUR=Dgo.=Durango|MEX=Estado de México|GUA=Gto.=Guanajuato|GRO=Guerrero|
 HID=Hgo.=Hidalgo|JAL=Jalisco|MIC=Mich.=Michoacán|MOR=Morelos|NAY=Nayarit|NLE=N.L.=Nuevo León|
 OAX=Oaxaca|PUE=Puebla|QUE=Qro.=Querétaro|ROO=Q.R.=Quintana Roo|SLP=San Luis Potosí|SIN=Sinaloa|
 SON=Sonora|TAB=Tabasco|TAM=Tamps.=Tamaulipas|TLA=Tlax.=Tlaxcala|VER=Veracruz|YUC=Yucatán|
 ZAC=Zacatecas
MY 01=Johor|02=Kedah|03=Kelantan|14=Kuala Lumpur|15=Labuan|04=Melaka|05=Negeri Sembilan|06=Pahang|
 08=Perak|09=Perlis|07=Pulau Pinang|16=Putrajaya|12=Sabah|13=Sarawak|10=Selangor|11=Terengganu
MZ P=Cabo Delgado|MPM=Cidade de Maputo|G=Gaza|I=Inhambane|B=Manica|L=Maputo|N=Nampula|A=Niassa|
 S=Sofala|T=Tete|Q=Zambezia
NG AB=Abia|AD=Adamawa|AK=Akwa Ibom|AN=Anambra|BA=Bauchi|BY=Bayelsa|BE=Benue|BO=Borno|
 CR=Cross River|DE=Delta|EB=Ebonyi|ED=Edo|EK=Ekiti|EN=Enugu|FC=Federal Capital Territory|
 GO=Gombe|IM=Imo|JI=Jigawa|KD=Kaduna|KN=Kano|KT=Katsina|KE=Kebbi|KO=Kogi|KW=Kwara|LA=Lagos|
 NA=Nasarawa|NI=Niger|OG=Ogun State|ON=Ondo|OS=Osun|OY=Oyo|PL=Plateau|RI=Rivers|SO=Sokoto|
 TA=Taraba|YO=Yobe|ZA=Zamfara
NI BO=Boaco|CA=Carazo|CI=Chinandega|CO=Chontales|ES=Estelí|GR=Granada|JI=Jinotega|LE=León|
 MD=Madriz|MN=Managua|MS=Masaya|MT=Matagalpa|NS=Nueva Segovia|
 AN=Región Autónoma de la Costa Caribe Norte|AS=Región Autónoma de la Costa Caribe Sur|
 SJ=Río San Juan|RI=Rivas
NR 01=Aiwo District|02=Anabar District|03=Anetan District|04=Anibare District|05=Baiti District|
 06=Boe District|07=Buada District|08=Denigomodu District|09=Ewa District|10=Ijuw District|
 11=Meneng District|12=Nibok District|13=Uaboe District|14=Yaren District
PE AMA=Amazonas|ANC=Áncash|APU=Apurímac|ARE=Arequipa|AYA=Ayacucho|CAJ=Cajamarca|CAL=Callao|
 CUS=Cuzco|LIM=Gobierno Regional de Lima|HUV=Huancavelica|HUC=Huánuco|ICA|JUN=Junín|
 LAL=La Libertad|LAM=Lambayeque|LOR=Loreto|MDD=Madre de Dios|MOQ=Moquegua|
 LMA=Municipalidad Metropolitana de Lima|PAS=Pasco|PIU=Piura|PUN=Puno|SAM=San Martín|TAC=Tacna|
 TUM=Tumbes|UCA=Ucayali
PH ABR=Abra|AGN=Agusan del Norte|AGS=Agusan del Sur|AKL=Aklan|ALB=Albay|ANT=Antique|APA=Apayao|
 AUR=Aurora|BAS=Basilan|BAN=Bataan|BTN=Batanes|BTG=Batangas|BEN=Benguet|BIL=Biliran|BOH=Bohol|
 BUK=Bukidnon|BUL=Bulacan|CAG=Cagayan|CAN=Camarines Norte|CAS=Camarines Sur|CAM=Camiguin|
 CAP=Capiz|CAT=Catanduanes|CAV=Cavite|CEB=Cebu|COM=Compostela Valley|NCO=Cotabato|
 DAV=Davao del Norte|DAS=Davao del Sur|DVO=Davao Occidental|DAO=Davao Oriental|
 DIN=Dinagat Islands|EAS=Eastern Samar|GUI=Guimaras|IFU=Ifugao|ILN=Ilocos Norte|ILS=Ilocos Sur|
 ILI=Iloilo|ISA=Isabela|KAL=Kalinga|LUN=La Union|LAG=Laguna|LAN=Lanao del Norte|
 LAS=Lanao del Sur|LEY=Leyte|MAG=Maguindanao|MAD=Marinduque|MAS=Masbate|00=Metro Manila|
 MDC=Mindoro Occidental|MDR=Mindoro Oriental|MSC=Misamis Occidental|MSR=Misamis Oriental|
 MOU=Mountain Province|NEC=Negros Occidental|NER=Negros Oriental|NSA=Northern Samar|
 NUE=Nueva Ecija|NUV=Nueva Vizcaya|PLW=Palawan|PAM=Pampanga|PAN=Pangasinan|QUE=Quezon Province|
 QUI=Quirino|RIZ=Rizal|ROM=Romblon|WSA=Samar|SAR=Sarangani|SIG=Siquijor|SOR=Sorsogon|
 SCO=South Cotabato|SLE=Southern Leyte|SUK=Sultan Kudarat|SLU=Sulu|SUN=Surigao del Norte|
 SUR=Surigao del Sur|TAR=Tarlac|TAW=Tawi-Tawi|ZMB=Zambales|ZAN=Zamboanga del Norte|
 ZAS=Zamboanga del Sur|ZSI=Zamboanga Sibuguey
RU ALT=Алтайский край=Altayskiy kray|AMU=Амурская область=Amurskaya oblast'|
 ARK=Архангельская область=Arkhangelskaya oblast'|
 AST=Астраханская область=Astrakhanskaya oblast'|BEL=Белгородская область=Belgorodskaya oblast'|
 BRY=Брянская область=Bryanskaya oblast'|VLA=Владимирская область=Vladimirskaya oblast'|
 VGG=Волгоградская область=Volgogradskaya oblast'|VLG=Вологодская область=Vologodskaya oblast'|
 VOR=Воронежская область=Voronezhskaya oblast'|
 YEV=Еврейская автономная область=Evreyskaya avtonomnaya oblast'|
 ZAB=Забайкальский край=Zabaykalskiy kray|IVA=Ивановская область=Ivanovskaya oblast'|
 IRK=Иркутская область=Irkutskaya oblast'|
 KB=Кабардино-Балкарская Республика=Kabardino-Balkarskaya Republits|
 KGD=Калининградская область=Kaliningradskaya oblast'|KLU=Калужская область=Kaluzhskaya oblast'|
 KAM=Камчатский край=Kamchatskiy kray|
 KC=Карачаево-Черкесская Республика=Karachaevo-Cherkesskaya Republits|
 KEM=Кемеровская область=Kemerovskaya oblast'|KIR=Кировская область=Kirovskaya oblast'|
 KOS=Костромская область=Kostromskaya oblast'|KDA=Краснодарский край=Krasnodarskiy kray|
 KYA=Красноярский край=Krasnoyarskiy kray|KGN=Курганская область=Kurganskaya oblast'|
 KRS=Курская область=Kurskaya oblast'|LEN=Ленинградская область=Leningradskaya oblast'|
 LIP=Липецкая область=Lipetskaya oblast'|MAG=Магаданская область=Magadanskaya oblast'|
 MOW=Москва=Moskva|MOS=Московская область=Moskovskaya oblast'|
 MUR=Мурманская область=Murmanskaya oblast'|NEN=Ненецкий автономный округ=Nenetskiy|
 NIZ=Нижегородская область=Nizhegorodskaya oblast'|
 NGR=Новгородская область=Novgorodskaya oblast'|NVS=Новосибирская область=Novosibirskaya oblast'|
 OMS=Омская область=Omskaya oblast'|ORE=Оренбургская область=Orenburgskaya oblast'|
 ORL=Орловская область=Orlovskaya oblast'|PNZ=Пензенская область=Penzenskaya oblast'|
 PER=Пермский край=Permskiy kray|PRI=Приморский край=Primorskiy kray|
 PSK=Псковская область=Pskovskaya oblast'|AD=Республика Адыгея=Respublika Adygeya|
 AL=Республика Алтай=Altay Republits|BA=Республика Башкортостан=Bashkortostan Republits|
 BU=Республика Бурятия=Buryatiya Republits|DA=Республика Дагестан=Dagestan Republits|
 IN=Республика Ингушетия=Ingushetiya Republits|KL=Республика Калмыкия=Respublika Kalmykiya|
 KR=Республика Карелия=Kareliya Republits|KO=Республика Коми=Komi Republits|
 =Автономна Республіка Крим=Республика Крым=Respublika Krym|
 ME=Республика Марий Эл=Respublika Mariy El|MO=Республика Мордовия=Respublika Mordoviya|
 SA=Республика Саха (Якутия)=Sakha (Yakutiya) Republits|
 SE=Республика Северная Осетия-Алания=Respublika Severnaya Osetiya-Alaniya|
 TA=Республика Татарстан=Respublika Tatarstan|TY=Республика Тыва=Tyva Republits|
 UD=Республика Удмуртия=Udmurtskaja Respublika|KK=Республика Хакасия=Khakasiya Republits|
 ROS=Ростовская область=Rostovskaya oblast'|RYA=Рязанская область=Ryazanskaya oblast'|
 SAM=Самарская область=Samarskaya oblast'|SPE=Санкт-Петербург=Sankt-Peterburg|
 SAR=Саратовская область=Saratovskaya oblast'|SAK=Сахалинская область=Sakhalinskaya oblast'|
 SVE=Свердловская область=Sverdlovskaya oblast'|=Севастополь=Sevastopol'|
 SMO=Смоленская область=Smolenskaya oblast'|STA=Ставропольский край=Stavropolskiy kray|
 TAM=Тамбовская область=Tambovskaya oblast'|TVE=Тверская область=Tverskaya oblast'|
 TOM=Томская область=Tomskaya oblast'|TUL=Тульская область=Tulskaya oblast'|
 TYU=Тюменская область=Tyumenskaya oblast'|ULY=Ульяновская область=Ulyanovskaya oblast'|
 KHA=Хабаровский край=Khabarovskiy kray|
 KHM=Ханты-Мансийский автономный округ=Khanty-Mansiyskiy avtonomnyy okrug|
 CHE=Челябинская область=Chelyabinskaya oblast'|CE=Чеченская Республика=Chechenskaya Republits|
 CU=Чувашская Республика=Chuvashia|CHU=Чукотский автономный округ=Chukotskiy|
 YAN=Ямало-Ненецкий автономный округ=Yamalo-Nenetskiy|
 YAR=Ярославская область=Yaroslavskaya oblast'
SO AW=AD=Awdal|BK=Bakool|BN=Banaadir|BR=Bari|BY=Bay|GA=GG=Galguduud|GE=GD=Gedo|HI=HR=Hiiraan|
 JD=Jubbada Dhexe|JH=Jubbada Hoose|MU=MD=Mudug|NU=NG=Nugaal|SA=SG=Sanaag|SD=Shabeellaha Dhexe|
 SH=Shabeellaha Hoose|SO=SL=Sool|TO=TG=Togdheer|WO=WG=Woqooyi Galbeed
SR BR=Brokopondo|CM=Commewijne|CR=Coronie|MA=Marowijne|NI=Nickerie|PR=Para|PM=Paramaribo|
 SA=Saramacca|SI=Sipaliwini|WA=Wanica
SV AH=Ahuachapan|CA=Cabanas|CH=Calatenango=Chalatenango|CU=Cuscatlan|LI=La Libertad|PA=La Paz|
 UN=La Union|MO=Morazan|SM=San Miguel|SS=San Salvador|SV=San Vicente|SA=Santa Ana|SO=Sonsonate|
 US=Usulutan
TH 81=กระบี่=Krabi|10=กรุงเทพมหานคร=Bangkok|71=กาญจนบุรี=Kanchanaburi|46=กาฬสินธุ์=Kalasin|
 62=กำแพงเพชร=Kamphaeng Phet|40=ขอนแก่น=Khon Kaen|38=จังหวัด บึงกาฬ=Bueng Kan|
 22=จันทบุรี=Chanthaburi|24=ฉะเชิงเทรา=Chachoengsao|20=ชลบุรี=Chon Buri|18=ชัยนาท=Chai Nat|
 36=ชัยภูมิ=Chaiyaphum|86=ชุมพร=Chumpon|57=เชียงราย=Chiang Rai|50=เชียงใหม่=Chiang Mai|
 92=ตรัง=Trang|23=ตราด=Trat|63=ตาก=Tak|26=นครนายก=Nakhon Nayok|73=นครปฐม=Nakhon Pathom|
 48=นครพนม=Nakhon Phanom|30=นครราชสีมา=Nakhon Ratchasima|80=นครศรีธรรมราช=Nakhon Si Thammarat|
 60=นครสวรรค์=Nakhon Sawan|12=นนทบุรี=Nonthaburi|96=นราธิวาส=Narathiwat|55=น่าน=Nan|
 31=บุรีรัมย์=Buri Ram|13=ปทุมธานี=Pathum Thani|77=ประจวบคีรีขันธ์=Prachuap Khiri Khan|
 25=ปราจีนบุรี=Prachin Buri|94=ปัตตานี=Pattani|14=พระนครศรีอยุธยา=Phra Nakhon Si Ayutthaya|
 56=พะเยา=Phayao|82=พังงา=Phang Nga|93=พัทลุง=Phattalung|66=พิจิตร=Phichit|
 65=พิษณุโลก=Phitsanulok|76=เพชรบุรี=Phetchaburi|67=เพชรบูรณ์=Phetchabun|54=แพร่=Phrae|
 83=ภูเก็ต=Phuket|44=มหาสารคาม=Maha Sarakham|49=มุกดาหาร=Mukdahan|58=แม่ฮ่องสอน=Mae Hong Son|
 35=ยโสธร=Yasothon|95=ยะลา=Yala|45=ร้อยเอ็ด=Roi Et|85=ระนอง=Ranong|21=ระยอง=Rayong|
 70=ราชบุรี=Ratchaburi|16=ลพบุรี=Lop Buri|52=ลำปาง=Lampang|51=ลำพูน=Lamphun|42=เลย=Loei|
 33=ศรีสะเกษ=Si Sa Ket|47=สกลนคร=Sakon Nakhon|90=สงขลา=Songkhla|91=สตูล=Satun|
 11=สมุทรปราการ=Samut Prakan|75=สมุทรสงคราม=Samut Songkhram|74=สมุทรสาคร=Samut Sakhon|
 27=สระแก้ว=Sa Kaeo|19=สระบุรี=Saraburi|17=สิงห์บุรี=Sing Buri|64=สุโขทัย=Sukhothai|
 72=สุพรรณบุรี=Suphanburi|84=สุราษฎร์ธานี=Surat Thani|32=สุรินทร์=Surin|43=หนองคาย=Nong Khai|
 39=หนองบัวลำภู=Nong Bua Lam Phu|15=อ่างทอง=Ang Thong|37=อำนาจเจริญ=Amnat Charoen|
 41=อุดรธานี=Udon Thani|53=อุตรดิตถ์=Uttaradit|61=อุทัยธานี=Uthai Thani|
 34=อุบลราชธานี=Ubon Ratchathani
TR 01=Adana|02=Adıyaman|03=Afyon|04=Ağrı|68=Aksaray|05=Amasya|06=Ankara|07=Antalya|75=Ardahan|
 08=Artvin|09=Aydın|10=Balıkesir|74=Bartın|72=Batman|69=Bayburt|11=Bilecik|12=Bingöl|13=Bitlis|
 14=Bolu|15=Burdur|16=Bursa|17=Çanakkale|18=Çankırı|19=Çorum|20=Denizli|21=Diyarbakır|81=Düzce|
 22=Edirne|23=Elazığ|24=Erzincan|25=Erzurum|26=Eskişehir|27=Gaziantep|28=Giresun|29=Gümüşhane|
 30=Hakkari|31=Hatay|76=Iğdır|32=Isparta|34=İstanbul|35=İzmir|46=Kahramanmaraş|78=Karabük|
 70=Karaman|36=Kars|37=Kastamonu|38=Kayseri|71=Kırıkkale|39=Kırklareli|40=Kırşehir|79=Kilis|
 41=Kocaeli|42=Konya|43=Kütahya|44=Malatya|45=Manisa|47=Mardin|33=Mersin|48=Muğla|49=Muş|
 50=Nevşehir|51=Niğde|52=Ordu|80=Osmaniye|53=Rize|54=Sakarya|55=Samsun|56=Siirt|57=Sinop|
 58=Sivas|63=Şanlıurfa|73=Şırnak|59=Tekirdağ|60=Tokat|61=Trabzon|62=Tunceli|64=Uşak|65=Van|
 77=Yalova|66=Yozgat|67=Zonguldak
TV FUN=Funafuti|NMG=Nanumanga|NMA=Nanumea|=Niulakita|NIT=Niutao|NUI|NKF=Nukufetau|NKL=Nukulaelae|
 VAI=Vaitupu
TW TXG=台中市=Taichung City|TPE=台北市=Taipei City|TTT=台東縣=Taitung County|
 TNN=台南市=Tainan City|ILA=宜蘭縣=Yilan County|HUA=花蓮縣=Hualien County|=金門縣=Kinmen County|
 NAN=南投縣=Nantou County|PIF=屏東縣=Pingtung County|MIA=苗栗縣=Miaoli County|
 TAO=桃園市=Taoyuan City|KHH=高雄市=Kaohsiung City|KEE=基隆市=Keelung City|
 =連江縣=Lienchiang County|YUN=雲林縣=Yunlin County|NWT=新北市=New Taipei City|
 HSZ=新竹市=Hsinchu City|HSQ=新竹縣=Hsinchu County|CYI=嘉義市=Chiayi City|
 CYQ=嘉義縣=Chiayi County|CHA=彰化縣=Changhua County|PEN=澎湖縣=Penghu County
UA 43=Автономна Республіка Крим=Crimea|05=Вінницька область=Vinnyts'ka oblast|
 07=Волинська область=Volyns'ka oblast|12=Дніпропетровська область=Dnipropetrovsk oblast|
 14=Донецька область=Donetsk oblast|18=Житомирська область=Zhytomyrs'ka oblast|
 21=Закарпатська область=Zakarpats'ka oblast|23=Запорізька область=Zaporiz'ka oblast|
 26=Івано-Франківська область=Ivano-Frankivs'ka oblast|30=місто Київ=Київ=Kyiv city|
 32=Київська область=Kiev oblast|35=Кіровоградська область=Kirovohrads'ka oblast|
 09=Луганська область=Luhans'ka oblast|46=Львівська область=Lviv oblast|
 48=Миколаївська область=Mykolaivs'ka oblast|51=Одеська область=Odessa oblast|
 53=Полтавська область=Poltavs'ka oblast|56=Рівненська область=Rivnens'ka oblast|
 40=місто Севастополь=Севастополь=Sevastopol' city|59=Сумська область=Sums'ka oblast|
 61=Тернопільська область=Ternopil's'ka oblast|63=Харківська область=Kharkiv oblast|
 65=Херсонська область=Khersons'ka oblast|68=Хмельницька область=Khmel'nyts'ka oblast|
 71=Черкаська область=Cherkas'ka oblast|77=Чернівецька область=Chernivets'ka oblast|
 74=Чернігівська область=Chernihivs'ka oblast
US AL=Alabama|AK=Alaska|=AS=American Samoa|AZ=Arizona|AR=Arkansas|=AA=Armed Forces (AA)|
 =AE=Armed Forces (AE)|=AP=Armed Forces (AP)|CA=California|CO=Colorado|CT=Connecticut|
 DE=Delaware|DC=District of Columbia|FL=Florida|GA=Georgia|=GU=Guam|HI=Hawaii|ID=Idaho|
 IL=Illinois|IN=Indiana|IA=Iowa|KS=Kansas|KY=Kentucky|LA=Louisiana|ME=Maine|=MH=Marshall Islands|
 MD=Maryland|MA=Massachusetts|MI=Michigan|=FM=Micronesia|MN=Minnesota|MS=Mississippi|MO=Missouri|
 MT=Montana|NE=Nebraska|NV=Nevada|NH=New Hampshire|NJ=New Jersey|NM=New Mexico|NY=New York|
 NC=North Carolina|ND=North Dakota|=MP=Northern Mariana Islands|OH=Ohio|OK=Oklahoma|OR=Oregon|
 =PW=Palau|PA=Pennsylvania|=PR=Puerto Rico|RI=Rhode Island|SC=South Carolina|SD=South Dakota|
 TN=Tennessee|TX=Texas|UT=Utah|VT=Vermont|=VI=Virgin Islands|VA=Virginia|WA=Washington|
 WV=West Virginia|WI=Wisconsin|WY=Wyoming
UY AR=Artigas|CA=Canelones|CL=Cerro Largo|CO=Colonia|DU=Durazno|FS=Flores|FD=Florida|LA=Lavalleja|
 MA=Maldonado|MO=Montevideo|PA=Paysandú|RN=Río Negro|RV=Rivera|RO=Rocha|SA=Salto|SJ=San José|
 SO=Soriano|TA=Tacuarembó|TT=Treinta y Tres
VE Z=Amazonas|B=Anzoátegui|C=Apure|D=Aragua|E=Barinas|F=Bolívar|G=Carabobo|H=Cojedes|
 Y=Delta Amacuro|W=Dependencias Federales|A=Distrito Federal|I=Falcón|J=Guárico|K=Lara|L=Mérida|
 M=Miranda|N=Monagas|O=Nueva Esparta|P=Portuguesa|R=Sucre|S=Táchira|T=Trujillo|X=Vargas|
 U=Yaracuy|V=Zulia
VN 44=An Giang|43=Bà Rịa–Vũng Tàu|55=Bạc Liêu|54=Bắc Giang|53=Bắc Kạn|56=Bắc Ninh|50=Bến Tre|
 57=Bình Dương|31=Bình Định|58=Bình Phước|40=Bình Thuận|59=Cà Mau|04=Cao Bằng|CT=Cần Thơ|
 DN=Đà Nẵng|33=Đắk Lắk|72=Đăk Nông|71=Điện Biên|39=Đồng Nai|45=Đồng Tháp|30=Gia Lai|03=Hà Giang|
 63=Hà Nam|HN=Hà Nội|23=Hà Tĩnh|61=Hải Dương|HP=Hải Phòng|73=Hậu Giang|14=Hòa Bình|66=Hưng Yên|
 34=Khánh Hòa|47=Kiên Giang|28=Kon Tum|01=Lai Châu|09=Lạng Sơn=Lang Song Province|02=Lào Cai|
 35=Lâm Đồng|41=Long An|67=Nam Định|22=Nghệ An|18=Ninh Bình|36=Ninh Thuận|68=Phú Thọ|32=Phú Yên|
 24=Quảng Bình|27=Quảng Nam|29=Quảng Ngãi|13=Quảng Ninh|25=Quảng Trị|52=Sóc Trăng|05=Sơn La|
 37=Tây Ninh|20=Thái Bình|69=Thái Nguyên|21=Thanh Hóa|SG=Thành phố Hồ Chí Minh|26=Thừa Thiên–Huế|
 46=Tiền Giang|51=Trà Vinh|07=Tuyên Quang|49=Vĩnh Long|70=Vĩnh Phúc|06=Yên Bái
"""
_ROWS = _TABLE.replace("|\n ", "|").replace("=\n ", "=").strip().splitlines()
_REGIONS: dict[str, str] = {row[:2]: row[3:] for row in _ROWS}
"""Of each country its regions: the code of ISO 3166-2, empty if there is none, and the names."""
