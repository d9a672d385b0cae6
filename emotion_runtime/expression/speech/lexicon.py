"""Owns a small lexicon: the commonest English words whose spelling does not tell their sound."""

from __future__ import annotations

from typing import Final

_WORDS: Final = """
a AH0; about AH0 B AW1 T; above AH0 B AH1 V; across AH0 K R AO1 S; after AE1 F T ER0; again AH0 G EH1 N;
against AH0 G EH1 N S T; ago AH0 G OW1; ah AA1; alone AH0 L OW1 N; already AO0 L R EH1 D IY0; also AO1 L S OW0;
always AO1 L W EY0 Z; am AE1 M; among AH0 M AH1 NG; an AE1 N; and AH0 N D; angry AE1 NG G R IY0;
another AH0 N AH1 DH ER0; answer AE1 N S ER0; any EH1 N IY0; are AA1 R; aren't AA1 R AH0 N T; around AH0 R AW1 N D;
as AE1 Z; ask AE1 S K; at AE1 T; away AH0 W EY1; baby B EY1 B IY0; back B AE1 K; bear B EH1 R;
beautiful B Y UW1 T AH0 F AH0 L; because B IH0 K AO1 Z; become B IH0 K AH1 M; been B IH1 N; before B IH0 F AO1 R;
begin B IH0 G IH1 N; behind B IH0 HH AY1 N D; believe B IH0 L IY1 V; better B EH1 T ER0; between B IH0 T W IY1 N;
blood B L AH1 D; body B AA1 D IY0; both B OW1 TH; bought B AO1 T; boy B OY1; break B R EY1 K; breath B R EH1 TH;
brother B R AH1 DH ER0; brought B R AO1 T; build B IH1 L D; busy B IH1 Z IY0; but B AH1 T; buy B AY1; by B AY1;
call K AO1 L; can K AE1 N; can't K AE1 N T; captain K AE1 P T AH0 N; care K EH1 R; caught K AO1 T; child CH AY1 L D;
children CH IH1 L D R AH0 N; come K AH1 M; comes K AH1 M Z; coming K AH1 M IH0 NG; could K UH1 D;
couldn't K UH1 D AH0 N T; country K AH1 N T R IY0; couple K AH1 P AH0 L; cover K AH1 V ER0; daughter D AO1 T ER0;
dead D EH1 D; dear D IH1 R; death D EH1 TH; did D IH1 D; didn't D IH1 D AH0 N T; do D UW1; does D AH1 Z;
doesn't D AH1 Z AH0 N T; doing D UW1 IH0 NG; done D AH1 N; don't D OW1 N T; door D AO1 R; double D AH1 B AH0 L;
down D AW1 N; early ER1 L IY0; earth ER1 TH; eight EY1 T; either IY1 DH ER0; else EH1 L S; enemy EH1 N AH0 M IY0;
enough IH0 N AH1 F; even IY1 V AH0 N; evening IY1 V N IH0 NG; ever EH1 V ER0; every EH1 V R IY0;
everyone EH1 V R IY0 W AH0 N; everything EH1 V R IY0 TH IH0 NG; evil IY1 V AH0 L; eye AY1; eyes AY1 Z;
father F AA1 DH ER0; few F Y UW1; fight F AY1 T; find F AY1 N D; finger F IH1 NG G ER0; fire F AY1 ER0;
first F ER1 S T; five F AY1 V; floor F L AO1 R; food F UW1 D; for F ER0; forgive F ER0 G IH1 V; four F AO1 R;
friend F R EH1 N D; friends F R EH1 N D Z; from F R AH1 M; full F UH1 L; gave G EY1 V; get G EH1 T; girl G ER1 L;
give G IH1 V; given G IH1 V AH0 N; go G OW1; god G AA1 D; goes G OW1 Z; going G OW1 IH0 NG; gold G OW1 L D;
gone G AO1 N; good G UH1 D; got G AA1 T; great G R EY1 T; ground G R AW1 N D; group G R UW1 P; guard G AA1 R D;
guess G EH1 S; had HH AE1 D; half HH AE1 F; hand HH AE1 N D; happen HH AE1 P AH0 N; happy HH AE1 P IY0; has HH AE1 Z;
have HH AE1 V; haven't HH AE1 V AH0 N T; he HH IY1; head HH EH1 D; hear HH IH1 R; heard HH ER1 D; heart HH AA1 R T;
heavy HH EH1 V IY0; hello HH AH0 L OW1; her HH ER0; here HH IH1 R; hey HH EY1; him HH IH1 M;
himself HH IH0 M S EH1 L F; his HH IH1 Z; home HH OW1 M; honest AA1 N AH0 S T; honey HH AH1 N IY0; hour AW1 ER0;
house HH AW1 S; how HH AW1; hundred HH AH1 N D R AH0 D; i AY1; i'd AY1 D; i'll AY1 L; i'm AY1 M; i've AY1 V;
idea AY0 D IY1 AH0; if IH1 F; in IH1 N; into IH1 N T UW0; iron AY1 ER0 N; is IH1 Z; isn't IH1 Z AH0 N T;
island AY1 L AH0 N D; it IH1 T; it's IH1 T S; its IH1 T S; just JH AH1 S T; kill K IH1 L; kind K AY1 N D;
king K IH1 NG; know N OW1; knew N UW1; known N OW1 N; lady L EY1 D IY0; large L AA1 R JH; laugh L AE1 F;
learn L ER1 N; leave L IY1 V; let L EH1 T; let's L EH1 T S; liar L AY1 ER0; life L AY1 F; light L AY1 T;
listen L IH1 S AH0 N; little L IH1 T AH0 L; live L IH1 V; living L IH1 V IH0 NG; long L AO1 NG; look L UH1 K;
lord L AO1 R D; lose L UW1 Z; lost L AO1 S T; love L AH1 V; machine M AH0 SH IY1 N; made M EY1 D; make M EY1 K;
man M AE1 N; many M EH1 N IY0; master M AE1 S T ER0; may M EY1; maybe M EY1 B IY0; me M IY1; meant M EH1 N T;
men M EH1 N; mind M AY1 N D; mine M AY1 N; minute M IH1 N AH0 T; moment M OW1 M AH0 N T; money M AH1 N IY0;
monster M AA1 N S T ER0; month M AH1 N TH; more M AO1 R; morning M AO1 R N IH0 NG; most M OW1 S T;
mother M AH1 DH ER0; mountain M AW1 N T AH0 N; move M UW1 V; mr M IH1 S T ER0; mrs M IH1 S IH0 Z; much M AH1 CH;
must M AH1 S T; my M AY1; myself M AY0 S EH1 L F; name N EY1 M; never N EH1 V ER0; new N UW1; night N AY1 T;
nine N AY1 N; no N OW1; nobody N OW1 B AA0 D IY0; none N AH1 N; nor N AO1 R; not N AA1 T; nothing N AH1 TH IH0 NG;
now N AW1; of AH0 V; off AO1 F; often AO1 F AH0 N; oh OW1; okay OW0 K EY1; old OW1 L D; on AA1 N; once W AH1 N S;
one W AH1 N; only OW1 N L IY0; open OW1 P AH0 N; or AO1 R; order AO1 R D ER0; other AH1 DH ER0; our AW1 ER0;
out AW1 T; over OW1 V ER0; own OW1 N; people P IY1 P AH0 L; perhaps P ER0 HH AE1 P S; person P ER1 S AH0 N;
please P L IY1 Z; poor P UH1 R; power P AW1 ER0; pretty P R IH1 T IY0; promise P R AA1 M AH0 S; pull P UH1 L;
push P UH1 SH; put P UH1 T; queen K W IY1 N; question K W EH1 S CH AH0 N; quiet K W AY1 AH0 T; quite K W AY1 T;
ready R EH1 D IY0; real R IY1 L; really R IH1 L IY0; remember R IH0 M EH1 M B ER0; right R AY1 T; river R IH1 V ER0;
road R OW1 D; run R AH1 N; said S EH1 D; says S EH1 Z; scared S K EH1 R D; sea S IY1; second S EH1 K AH0 N D;
see S IY1; seven S EH1 V AH0 N; shall SH AE1 L; she SH IY1; should SH UH1 D; shouldn't SH UH1 D AH0 N T;
shoulder SH OW1 L D ER0; show SH OW1; sir S ER1; sister S IH1 S T ER0; six S IH1 K S; so S OW1;
soldier S OW1 L JH ER0; some S AH1 M; someone S AH1 M W AH0 N; something S AH1 M TH IH0 NG; son S AH1 N;
soon S UW1 N; sorry S AA1 R IY0; soul S OW1 L; special S P EH1 SH AH0 L; stay S T EY1; still S T IH1 L;
stone S T OW1 N; stop S T AA1 P; story S T AO1 R IY0; strange S T R EY1 N JH; sugar SH UH1 G ER0; sure SH UH1 R;
sword S AO1 R D; take T EY1 K; talk T AO1 K; tear T IH1 R; tell T EH1 L; ten T EH1 N; than DH AE1 N;
thank TH AE1 NG K; that DH AE1 T; that's DH AE1 T S; the DH AH0; their DH EH1 R; them DH EH1 M; then DH EH1 N;
there DH EH1 R; there's DH EH1 R Z; these DH IY1 Z; they DH EY1; they're DH EH1 R; thing TH IH1 NG;
think TH IH1 NG K; this DH IH1 S; those DH OW1 Z; though DH OW1; thought TH AO1 T; thousand TH AW1 Z AH0 N D;
three TH R IY1; through TH R UW1; time T AY1 M; tired T AY1 ER0 D; to T AH0; today T AH0 D EY1;
together T AH0 G EH1 DH ER0; told T OW1 L D; tomorrow T AH0 M AA1 R OW0; tonight T AH0 N AY1 T; too T UW1;
touch T AH1 CH; toward T AH0 W AO1 R D; town T AW1 N; tree T R IY1; trouble T R AH1 B AH0 L; true T R UW1;
trust T R AH1 S T; truth T R UW1 TH; try T R AY1; twelve T W EH1 L V; twenty T W EH1 N T IY0; two T UW1;
under AH1 N D ER0; until AH0 N T IH1 L; up AH1 P; us AH1 S; use Y UW1 Z; very V EH1 R IY0; village V IH1 L IH0 JH;
voice V OY1 S; wait W EY1 T; walk W AO1 K; want W AA1 N T; war W AO1 R; warm W AO1 R M; was W AA1 Z;
wasn't W AA1 Z AH0 N T; watch W AA1 CH; water W AO1 T ER0; we W IY1; we'll W IY1 L; we're W IH1 R; we've W IY1 V;
wear W EH1 R; well W EH1 L; were W ER0; what W AH1 T; what's W AH1 T S; when W EH1 N; where W EH1 R; which W IH1 CH;
while W AY1 L; who HH UW1; whole HH OW1 L; whom HH UW1 M; whose HH UW1 Z; why W AY1; will W IH1 L; with W IH1 DH;
without W IH0 DH AW1 T; woman W UH1 M AH0 N; women W IH1 M AH0 N; won W AH1 N; won't W OW1 N T; word W ER1 D;
work W ER1 K; world W ER1 L D; worry W ER1 IY0; worse W ER1 S; worth W ER1 TH; would W UH1 D;
wouldn't W UH1 D AH0 N T; wrong R AO1 NG; yeah Y AE1; year Y IH1 R; yes Y EH1 S; yesterday Y EH1 S T ER0 D EY0;
yet Y EH1 T; you Y UW1; you'll Y UW1 L; you're Y UH1 R; you've Y UW1 V; young Y AH1 NG; your Y AO1 R;
yours Y UH1 R Z; yourself Y ER0 S EH1 L F; zero Z IH1 R OW0
"""

LEXICON: Final = {
    word: tuple(phones) for entry in _WORDS.replace("\n", " ").split(";") for word, *phones in [entry.split()]
}
"""Lower-case word -> ARPAbet with stress digits. Written by hand for this package."""
