"""
Words that say nothing of what a text is about, folded as `search.analysis.fold` folds them.

They are left out of the index and of queries alike, so that a phrase still stands together:
"budget de la commune" is indexed as "budget commune". Question words belong here too, because
people type whole questions.
"""
# ruff: noqa: SIM905

ARABIC = frozenset(
    """
    من في علي الي عن مع هذا هذه ذلك تلك هولاء اولءك التي الذي الذين اللواتي و او ام ثم لا ما ماذا
    لم لن قد كل بعض غير بين حتي ان انه انها كان كانت يكون تكون هو هي هم هن نحن انا انت كما لما بعد
    قبل عند منذ حول دون خلال عبر ضد نحو سوي لدي لذلك لكن لكي كي اذا اذ اي ايه كيف متي اين لماذا هل
    كم مما فيما حيث ايضا فقط جدا ليس ليست له لها لهم به بها بهم فيه فيها فيهم عليه عليها عليهم منه
    منها منهم عنه عنها اليه اليها وفي ومن وعلي والي وعن ومع وهو وهي وان وقد ولا وما ولم وكان وكانت
    وكل فهي فهو وذلك وهذا وهذه لهذا لهذه بهذا بهذه كذلك وكذلك بان لان وبين وحتي وخلال وعبر
    بدون
    """.split()
)

FRENCH = frozenset(
    """
    a au aux avec ce ces cet cette ceux celle celles celui chez comme comment dans de des donc dont
    du elle elles en entre est et etait etre eu il ils je jusqu la le les leur leurs lorsqu lui ma
    mais meme mes moi mon ne ni nos notre nous on ont ou par pas plus pour pourquoi puisqu qu quand
    que quel quelle quelles quels qui quoi quoiqu sa sans se sera ses si son sont sous sur ta te
    tes ton tous tout toute toutes tu un une vers vos votre vous y ainsi afin aussi cela ca ete
    fait faire peut combien
    """.split()
)

ENGLISH = frozenset(
    """
    a about after all also an and any are as at be been before between but by can could did do does
    during each for from had has have he her his how i if in into is it its may more most no nor
    not of on or other our out over she should so some such than that the their them then there
    these they this those through to under up was we were what when where which while who whom why
    will with would you your
    """.split()
)

# Written as Tifinagh is transliterated by `search.analysis`.
TAMAZIGHT = frozenset(
    """
    n d g s i ar al zg gr xf f ur is ad na ili iga lan la uin tin in ai mad iat ian akd xas
    dat dar ɣr ɣf ns nsn nɣ
    """.split()
)
